"""The one sentence at the top of a page, and what follows from it."""

from dashboard.ui.templates import render
from dashboard.ui.wording import health_look


def headline_box(health: str, sentence: str, *paragraphs: str) -> str:
    """Return the HTML of it; all that is given is text."""
    return render("ui/headline", look=health_look(health), sentence=sentence, paragraphs=paragraphs)

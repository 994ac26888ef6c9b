"""The pages that are no Streamlit pages: drawn with the organization's name, logo and theme."""

from typing import Any

from dashboard.app_context import current_app
from dashboard.ui.templates import render


def web_page(template: str, **values: Any) -> str:
    """Return the page of templates/NAME.html.j2, which extends the frame."""
    return render(f"web/{template}", organization=current_app().settings.organization, **values)


def notice(sentence: str) -> str:
    """A page that says one thing, and leads back."""
    return web_page("notice", sentence=sentence)

"""The pages that are no Streamlit pages: what cannot be shown."""

from dashboard.ui.templates import render


def notice(sentence: str) -> str:
    """A page that says one thing, and leads back."""
    return render("web/notice", sentence=sentence)

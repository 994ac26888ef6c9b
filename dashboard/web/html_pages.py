"""The pages that are no Streamlit pages: drawn with the organization's name, logo and theme."""

from typing import Any

from dashboard.app_context import current_app
from dashboard.ui.templates import render


def web_page(template: str, **values: Any) -> str:
    """Return the page of such a template as `web/notice`, which extends the frame."""
    return render(template, organization=current_app().settings.organization, **values)


def notice(sentence: str) -> str:
    """Return a page that says one thing, and leads back."""
    return web_page("web/notice", sentence=sentence)

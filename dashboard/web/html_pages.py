"""The pages that are no Streamlit pages: drawn with the organization's name, logo and theme."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from dashboard.app_context import current_app
from dashboard.ui.templates import render

ASSETS: Final = Path(__file__).parents[1] / "ui" / "assets"


@cache
def asset_version(*names: str) -> str:
    """Return what stands behind the addresses of these files of ui/assets, so that they are loaded anew.

    A screen that runs for months does so after an upgrade.
    """
    content = b"".join((ASSETS / name).read_bytes() for name in names)
    return hashlib.sha256(content).hexdigest()[:12]


def web_page(template: str, **values: Any) -> str:
    """Return the page of such a template as `web/notice`, which extends the frame."""
    return render(template, organization=current_app().settings.organization, **values)


def notice(sentence: str) -> str:
    """Return a page that says one thing, and leads back."""
    return web_page("web/notice", sentence=sentence)

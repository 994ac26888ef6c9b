"""The page that a browser loads first: Streamlit's own, with our scripts and its colors from the beginning.

Scripts and styles are files of ours: the Content-Security-Policy allows none in the page.
"""

from functools import cache
from pathlib import Path
from typing import Final

from streamlit import file_util

from dashboard.ui.templates import render
from dashboard.ui.theme import Theme
from dashboard.web.streamlit_assets import chart_modules, drawn_modules

TITLE: Final = "<title>Streamlit</title>"
"""What Streamlit's page has in the place where ours begins; a test holds the installed one against it."""


ROOT_ELEMENT: Final = '<html lang="en">'


@cache
def first_page(theme: Theme) -> str:
    """Return the first page: the same for all, since Streamlit draws in it what depends on the viewer."""
    page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    head = render("web/first_page", now=drawn_modules(), later=chart_modules())
    root = f'{ROOT_ELEMENT[:-1]} data-theme="{theme}">'
    return page.replace(ROOT_ELEMENT, root, 1).replace(TITLE, head, 1)

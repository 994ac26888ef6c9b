"""What our scripts and styles rely on in Streamlit's bundle: an upgrade that takes it away is seen here."""

from functools import cache
from pathlib import Path
from typing import Final

import pytest
from streamlit import config, file_util
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.web import bootstrap

from dashboard.web.routes.first_page import ROOT_ELEMENT, TITLE, first_page
from dashboard.web.streamlit_options import streamlit_options, use_theme
from dashboard.web.streamlit_theme import keep_theme

RELIED_ON: Final = {
    "addEventListener(`popstate`": "navigate.js tells of a navigation as the browser's Back does",
    "window.__streamlit": "first.js sets it up before it starts",
    "BACKEND_BASE_URL": "it does not look for its server",
    "HOST_CONFIG": "it does not ask for what first.js has said",
    "blockErrorDialogs": "there is no dialog when the server is away",
    "data-test-script-state": "navigate.js waits for a run that is under way",
    "stConnectionStatus": "session.js asks at once, look.css hides it",
    "stMain": "what is scrolled",
    "stHtml": "what steady.js looks after",
    "stSkeleton": "first.js waits until it is gone",
    "stElementToolbar": "look.css takes it away",
    "stSidebarNav": "tests look for the menu there",
}


def test_the_theme_that_is_kept_is_the_one_that_streamlit_makes() -> None:
    bootstrap.load_config_options(streamlit_options())
    for section in ("theme", *(f"theme.{part.value}" for part in config.CustomThemeCategories)):
        made, kept, again = CustomThemeConfig(), CustomThemeConfig(), CustomThemeConfig()
        app_session._populate_theme_msg(made, section)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)
            keep_theme()
            app_session._populate_theme_msg(kept, section)
            app_session._populate_theme_msg(again, section)
        assert kept == again == made, section
        assert made.ByteSize() > 0 or section not in {"theme", "theme.light", "theme.dark"}


def test_another_theme_is_made_anew() -> None:
    bootstrap.load_config_options(streamlit_options())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)
        keep_theme()
        shown = []
        for theme in ("light", "dark"):
            use_theme(theme)
            message = CustomThemeConfig()
            app_session._populate_theme_msg(message, "theme.light")
            shown.append(message.background_color)
        use_theme("system")
    assert shown[0] != shown[1]


@cache
def bundle() -> str:
    scripts = Path(file_util.get_static_dir()) / "static" / "js"
    return "\n".join(file.read_text(encoding="utf-8") for file in scripts.glob("*.js"))


@pytest.mark.parametrize("words", RELIED_ON)
def test_the_installed_bundle_has_what_we_rely_on(words: str) -> None:
    assert words in bundle(), RELIED_ON[words]


def test_streamlits_page_has_the_title_in_whose_place_ours_begins() -> None:
    page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    assert page.count(TITLE) == 1
    assert TITLE not in first_page("system")
    assert page.count(ROOT_ELEMENT) == 1
    assert 'data-theme="dark"' in first_page("dark")


def test_the_first_page_has_our_scripts_before_streamlits_and_no_other_inline_script() -> None:
    page = first_page("system")
    assert page.index("/assets/first.js") < page.index('type="module"')
    scripts = "navigate table times steady working second_tap session palette keys"
    for name in scripts.split():
        assert f'<script defer src="/assets/{name}.js"></script>' in page
    assert page.count("<script>") == 1
    assert "ArrowVegaLiteChart" in page

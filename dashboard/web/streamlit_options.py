"""Options of Streamlit; each differs from its default for the reason beside it."""

from collections.abc import Mapping
from typing import Any, Final

from streamlit import config

from dashboard.ui.theme import Theme, theme_options
from dashboard.web.gate.body_limit import LARGEST_UPLOAD
from dashboard.web.gate.gate import SESSION_HEADER
from dashboard.web.streamlit_theme import forget_theme

_OPTIONS: Final[Mapping[str, Any]] = {
    "global.developmentMode": False,
    # A choice of the address is a widget's value and its default, for a late drawing (ui/query_choice.py).
    "global.disableWidgetStateDuplicationWarning": True,
    # A full collection after every run is 80 % of a page's CPU; what imports made is frozen instead.
    "runner.postScriptGC": False,
    # A lone expression is not drawn: pages say what they draw.
    "runner.magicEnabled": False,
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    # Downloads are ours: they guard against formulas, the browser's own do not.
    "client.disableDataExport": True,
    "server.headless": True,
    "server.fileWatcherType": "none",
    # MB of a whole request: the file and what frames it. The gate is stricter (web/gate/body_limit.py).
    "server.maxUploadSize": LARGEST_UPLOAD // 2**20 + 1,
    # Hosts and origins are judged by the gate (web/gate/gate.py), before Streamlit sees a request: its own
    # check of a foreign origin asks servers on the internet for this machine's address.
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    # A page whose stream broke is resumed by its name alone, and its buttons act for whom it was drawn:
    # this has Streamlit give it only to the session it was opened with.
    "server.trustedUserHeaders": {SESSION_HEADER: "session"},
}


def use_theme(theme: Theme) -> None:
    """Have pages that are opened from now on be drawn in that theme."""
    for name, value in theme_options(theme).items():
        config.set_option(name, value)
    forget_theme()


def streamlit_options() -> dict[str, Any]:
    """Return all of them, with the theme."""
    return {**_OPTIONS, **theme_options("system")}

"""The theme in Streamlit's messages, made once instead of in every run.

Streamlit sends its whole theme with each run, also of a part that refreshes itself, and makes it anew from
its options: a third of what a refresh without changes costs the server.
"""

from typing import Final

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

_MADE: Final[dict[str, bytes]] = {}
"""By section of the options."""


def keep_theme() -> None:
    """Replace the function that makes the theme, for which there is no option, by one that keeps it."""
    make = app_session._populate_theme_msg
    if make.__module__ == __name__:
        return

    def populate(msg: CustomThemeConfig, section: str = "theme") -> None:
        made = _MADE.get(section)
        if made is None:
            theme = CustomThemeConfig()
            make(theme, section)
            made = _MADE[section] = theme.SerializeToString()
        msg.MergeFromString(made)

    app_session._populate_theme_msg = populate


def forget_theme() -> None:
    """Have it made anew: an option of it has changed."""
    _MADE.clear()

"""The theme in Streamlit's messages, made once instead of in every run.

Streamlit sends its whole theme with each run, also of a part that refreshes itself, and makes it anew from
its options: a third of what a refresh without changes costs the server. Ours never change after the start.
"""

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session


def keep_theme() -> None:
    """Replace the function that makes the theme, for which there is no option, by one that keeps it."""
    make = app_session._populate_theme_msg
    if make.__module__ == __name__:
        return
    made: dict[str, bytes] = {}

    def populate(msg: CustomThemeConfig, section: str = "theme") -> None:
        if section not in made:
            theme = CustomThemeConfig()
            make(theme, section)
            made[section] = theme.SerializeToString()
        msg.MergeFromString(made[section])

    app_session._populate_theme_msg = populate

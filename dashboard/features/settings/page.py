"""Settings: what the dashboard runs with, secrets masked; they are changed in the environment or in .env."""

from collections.abc import Sequence

import streamlit as st

from core.domain.permissions import Permission
from dashboard.features.settings.shown_settings import ShownBlock, ShownSetting, shown_blocks
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.templates import render
from dashboard.ui.text import in_markdown


def page(context: PageContext) -> None:
    """By block; what was changed can be seen alone."""
    context.viewer.require(Permission.SEE_SETTINGS)
    st.title("Settings", anchor=False)
    st.caption(
        "As this process reads them from its environment and from `.env`, where they are changed; a service "
        "takes a change when it is started again. Secrets are never shown."
    )
    only_changed = st.toggle("Only what was changed", key="changed", bind="query-params")
    shown = [(block, _wanted(block, only_changed=only_changed)) for block in shown_blocks()]
    if not any(settings or block.refused for block, settings in shown):
        nothing("Nothing was changed.", "Everything runs with its default.")
        return
    st.html(render("settings/style"))
    for block, settings in shown:
        if settings or block.refused:
            _draw(block, settings)


def _wanted(block: ShownBlock, *, only_changed: bool) -> Sequence[ShownSetting]:
    return [setting for setting in block.settings if setting.changed or not only_changed]


def _draw(block: ShownBlock, settings: Sequence[ShownSetting]) -> None:
    st.subheader(in_markdown(block.title), anchor=False)
    if block.refused:
        st.error(in_markdown(block.refused))
        return
    st.html(render("settings/block", settings=settings))

"""Settings: those that are changed here, and everything the dashboard runs with, secrets masked."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.domain.permissions import Permission
from core.runtime.env_file import settings_sources
from core.runtime.shown_settings import ShownBlock, ShownSetting, shown_blocks
from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from core.storage.full_names import full_names
from core.storage.stored_settings import StoredSetting, read_stored
from dashboard.features.settings.editor import AREA, SettingsView, edit_settings, widget_keys
from dashboard.features.settings.queries import printers_at_or_below
from dashboard.features.shared.outcomes import show_outcome
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.templates import render
from dashboard.ui.text import in_markdown


def page(context: PageContext) -> None:
    """Draw what can be changed; by block what there is."""
    st.title("Settings", anchor=False)
    stored = context.read(read_stored)
    blocks = shown_blocks({name: each.value for name, each in stored.items()})
    st.html(render("settings/style"))
    show_outcome(AREA, context)
    change, everything = st.tabs(["Change", "All settings"])
    with change:
        if context.viewer.may(Permission.CHANGE_SETTINGS):
            _edit(context, blocks, stored)
        else:
            nothing("Your role changes no settings.", "An administrator does.")
    with everything:
        _show(blocks)


def _edit(context: PageContext, blocks: Sequence[ShownBlock], stored: Mapping[str, StoredSetting]) -> None:
    for block in blocks:
        if block.refused:
            st.error(in_markdown(block.refused))
            return
    st.caption(
        "In effect within seconds, in every service. An empty field goes back to its default. "
        "What is set in the environment or the settings file wins, and is locked here."
    )
    shown = {setting.name: setting for block in blocks for setting in block.settings}
    with reading(context.engine) as connection:
        at_or_below = printers_at_or_below(connection)
        names = full_names(connection)
    keys = widget_keys(shown, stored)
    edit_settings(SettingsView(context, shown, stored, keys, at_or_below, names, utc_now()))


def _show(blocks: Sequence[ShownBlock]) -> None:
    st.caption(
        f"As this process reads them from {in_markdown(settings_sources())}, and from the database. "
        "Those that cannot be changed here are changed outside of the database; a service takes that when it "
        "is started again. Secrets are never shown."
    )
    only_changed = st.toggle("Only changed settings", key="changed", bind="query-params")
    found = [(block, _wanted(block, only_changed=only_changed)) for block in blocks]
    if not any(settings or block.refused for block, settings in found):
        nothing("Nothing was changed.", "Everything runs with its default.")
        return
    for block, settings in found:
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

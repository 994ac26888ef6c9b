"""Settings: what the dashboard runs with, secrets masked; they are changed in the environment or in .env."""

from collections.abc import Sequence

import streamlit as st

from dashboard.app_context import AppContext
from dashboard.features.settings.shown_settings import ShownBlock, ShownSetting, shown_blocks
from dashboard.ui.empty import nothing
from dashboard.ui.text import in_html, in_markdown
from dashboard.viewer import Rank, Viewer

_STYLE = (
    "<style>.settings{width:100%;border-collapse:collapse;table-layout:fixed}"
    ".settings th,.settings td{text-align:left;vertical-align:top;"
    "padding:.45rem .75rem .45rem 0;border-bottom:1px solid var(--line)}"
    ".settings th:last-child{width:45%}.settings td{overflow-wrap:anywhere}.settings code{font-size:.85em}"
    "@media(max-width:640px){.settings thead{display:none}"
    ".settings td{display:block;border:0;padding:.1rem 0}"
    ".settings tr{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}}</style>"
)


def page(viewer: Viewer, _app_context: AppContext) -> None:
    """By block; what was changed can be seen alone."""
    viewer.require(Rank.ADMIN)
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
    st.html(_STYLE)
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
    rows = "".join(_row(setting) for setting in settings)
    st.html(
        '<table class="settings"><thead><tr><th scope="col">Setting</th><th scope="col">Value</th>'
        f'<th scope="col">What it is for</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _row(setting: ShownSetting) -> str:
    value = f"<strong>{in_html(setting.value)}</strong>" if setting.changed else in_html(setting.value)
    before = f"default: {setting.default or 'unset'}"
    note = f'<br><span class="quiet small">changed; {in_html(before)}</span>' if setting.changed else ""
    unset = '<span class="quiet">unset</span>'
    return (
        f"<tr><td><code>{in_html(setting.name)}</code></td><td>{value if setting.value else unset}{note}</td>"
        f"<td>{in_html(setting.about)}</td></tr>"
    )

"""The forms in which settings are changed: a group each; what is set elsewhere is locked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import streamlit as st

from core.domain.logos import read_logo
from core.domain.units import ago
from core.runtime.changeable_settings import ChangeableSetting, changeable_settings
from core.runtime.shown_settings import ShownSetting
from core.storage.stored_settings import RefusedSettings, StoredSetting
from dashboard.features.settings import actions
from dashboard.features.settings.groups import CHOICES, GROUPS, LOGO, THRESHOLDS, SettingGroup
from dashboard.features.settings.trial_view import begin_trial, show_trial
from dashboard.features.shared.outcomes import attempt, forget_outcome
from dashboard.page_context import PageContext
from dashboard.ui.issue_parts import who
from dashboard.ui.templates import render
from dashboard.ui.text import in_markdown
from dashboard.undoing import Done

AREA: Final = "settings"
_WRONG: Final = "settings.wrong"
_SEEN: Final = "settings.seen"
"""In the session, by setting: when it was changed, as drawn last, and how many changes were drawn before."""
_LONGEST: Final = 2000
_ON: Final = "true"

UseChanges = Callable[[PageContext, Mapping[str, str]], None]
"""What a button does with values by the setting's name, "" for its default. Raises RefusedSettings."""


@dataclass(frozen=True)
class SettingsView:
    """The settings as this run of the page found them."""

    context: PageContext
    shown: Mapping[str, ShownSetting]
    stored: Mapping[str, StoredSetting]
    keys: Mapping[str, str]
    """Of the widgets: see widget_keys()."""
    at_or_below: Mapping[int, int]
    """How many printers have a supply at so many percent or below."""
    names: Mapping[str, str]
    """Full names by username."""
    now: datetime

    def is_locked(self, name: str) -> bool:
        """Return whether the environment or the settings file sets it."""
        return bool(self.shown[name].locked)


def widget_keys(names: Iterable[str], stored: Mapping[str, StoredSetting]) -> Mapping[str, str]:
    """Return the key of each setting's widget: a new one after each change, so that what is stored is shown.

    None comes again when a change is undone: Streamlit may still hold what was typed there.
    """
    seen: dict[str, tuple[datetime | None, int]] = st.session_state.setdefault(_SEEN, {})
    for name in names:
        changed_at = stored[name].changed_at if name in stored else None
        before, changes = seen.get(name, (changed_at, 0))
        seen[name] = changed_at, changes + (changed_at != before)
    return {name: f"setting-{name}-{changes}" for name, (_, changes) in seen.items()}


def edit_settings(view: SettingsView) -> None:
    """Draw all groups, two beside each other."""
    left, right = st.columns(2, gap="medium")
    for group in GROUPS:
        with right if group.on_the_right else left:
            _draw(group, view)
            if group.key == "organization":
                _logo(view)


def _draw(group: SettingGroup, view: SettingsView) -> None:
    open_ones = [name for name in group.labels if not view.is_locked(name)]
    with st.form(f"settings-{group.key}"):
        st.subheader(group.title, anchor=False)
        st.caption(in_markdown(group.note))
        for name, label in group.labels.items():
            _field(changeable_settings()[name], label, view)
        if group.key == THRESHOLDS:
            st.html(render("settings/at_or_below", counts=view.at_or_below))
        with st.container(horizontal=True):
            _button("Save", f"save-{group.key}", view, open_ones, _change)
            if group.key == THRESHOLDS:
                _button("Try on the last 30 days", "try-thresholds", view, open_ones, begin_trial)
    if group.key == THRESHOLDS:
        show_trial(view.context)


def _button(label: str, key: str, view: SettingsView, names: Sequence[str], use: UseChanges) -> None:
    """Draw a button that uses what is in the fields of these settings."""
    st.form_submit_button(
        label,
        key=key,
        type="primary" if use is _change else "secondary",
        disabled=not names,
        on_click=_submit,
        args=(view, tuple(names), use),
    )


def _field(setting: ChangeableSetting, label: str, view: SettingsView) -> None:
    shown, key = view.shown[setting.name], view.keys[setting.name]
    locked = view.is_locked(setting.name)
    about = in_markdown(f"{setting.name}: {setting.about}")
    if setting.choices == ("true", "false"):
        st.toggle(label, shown.value == _ON, key=key, help=about, disabled=locked)
    elif setting.choices:
        at = setting.choices.index(shown.value) if shown.value in setting.choices else 0
        st.selectbox(
            label,
            setting.choices,
            index=at,
            key=key,
            help=about,
            disabled=locked,
            format_func=lambda choice: CHOICES.get((setting.name, choice), choice.capitalize()),
        )
    else:
        st.text_input(
            label,
            shown.value,
            key=key,
            help=about,
            disabled=locked,
            max_chars=_LONGEST,
            placeholder=setting.default,
        )
    _tell(setting.name, view)


def _tell(name: str, view: SettingsView) -> None:
    """Say below a field what is wrong with it, and where its value comes from."""
    wrong = st.session_state.get(_WRONG, {}).get(name, "")
    source = _source(name, view)
    if wrong or source:
        st.html(render("settings/below", wrong=wrong, source=source, locked=view.is_locked(name)))


def _source(name: str, view: SettingsView) -> str:
    """Return where the value comes from, in words; "" for a default."""
    shown, stored = view.shown[name], view.stored.get(name)
    if view.is_locked(name):
        return f"Locked: {shown.locked}"
    if shown.source == "database" and stored is not None:
        default = f"; default: {shown.default or 'none'}"
        return f"Changed by {who(stored.changed_by, view.names)} {ago(stored.changed_at, view.now)}{default}"
    return ""


def _submit(view: SettingsView, names: Sequence[str], use: UseChanges) -> None:
    changes = {}
    for name in names:
        given = st.session_state[view.keys[name]]
        text = str(given).lower() if isinstance(given, bool) else str(given).strip()
        if text != view.shown[name].value:
            changes[name] = text
    _use(view.context, use, changes)


def _use(context: PageContext, use: UseChanges, changes: Mapping[str, str]) -> None:
    """Use them; a value that cannot be used is told beside its field, not at the foot of the window."""
    st.session_state[_WRONG] = {}
    try:
        use(context, changes)
    except RefusedSettings as refused:
        forget_outcome(AREA)
        st.session_state[_WRONG] = refused.sentences


def _change(context: PageContext, changes: Mapping[str, str]) -> None:
    def act() -> Done:
        return actions.change(context.actor(), context.app.live, changes)

    attempt(AREA, act, raises=(RefusedSettings,))


def _logo(view: SettingsView) -> None:
    locked, logo = view.is_locked(LOGO), view.context.settings.organization.logo
    with st.form("settings-logo"):
        st.subheader("Logo", anchor=False)
        st.caption(in_markdown("A PNG or JPEG picture of at most 200 kB, best without a background."))
        if logo is not None:
            st.html(render("settings/logo", version=logo.version, about=str(logo)))
        with st.container(key="logo-picture"):  # look.css hides Streamlit's limit, which is not ours
            st.file_uploader("Picture", key=view.keys[LOGO], disabled=locked, max_upload_size=1)
        _tell(LOGO, view)
        with st.container(horizontal=True):
            st.form_submit_button(
                "Save", key="save-logo", type="primary", disabled=locked, on_click=_save_logo, args=(view,)
            )
            if logo is not None:
                st.form_submit_button(
                    "Remove",
                    key="remove-logo",
                    disabled=locked,
                    on_click=_use,
                    args=(view.context, _change, {LOGO: ""}),
                )


def _save_logo(view: SettingsView) -> None:
    given = st.session_state[view.keys[LOGO]]
    if given is None:
        st.session_state[_WRONG] = {LOGO: "Choose an image first."}
        return
    try:
        text = read_logo(given.getvalue()).as_text()
    except ValueError as refused:
        sentence = str(refused)
        st.session_state[_WRONG] = {LOGO: f"{sentence[:1].upper()}{sentence[1:]}."}
        return
    _use(view.context, _change, {LOGO: text})

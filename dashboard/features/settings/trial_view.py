"""What proposed thresholds would have flagged, below their form: begun by a button, drawn as it comes."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from core.domain.permissions import Permission
from core.domain.threshold_words import NO_HISTORY, trial_differences, trial_lines, trial_notes
from core.runtime.settings import RuleSettings
from core.runtime.wall_clock import utc_now
from core.storage.stored_settings import if_changed
from core.timeseries.threshold_trial import tried_values
from dashboard.features.settings.trials import RunningTrial
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.templates import render

_TRIAL: Final = "settings.trial"
_LISTED: Final = 20
"""Printers that are listed at once; the others are behind one click."""


def begin_trial(context: PageContext, changes: Mapping[str, str]) -> None:
    """Begin a trial of these values by name. Raises RefusedSettings with a sentence for each wrong one."""
    context.viewer.require(Permission.CHANGE_SETTINGS)
    proposed: RuleSettings = if_changed(context.settings.rules, changes)
    end_trial()
    st.session_state[_TRIAL] = RunningTrial(context.app, proposed, utc_now())


def end_trial() -> None:
    """End the trial of this session, if there is one, and show it no more."""
    trial: RunningTrial | None = st.session_state.pop(_TRIAL, None)
    if trial is not None:
        trial.end()


def show_trial(context: PageContext) -> None:
    """Draw the trial of this session, if there is one of the values that are in effect."""
    trial: RunningTrial | None = st.session_state.get(_TRIAL)
    if trial is not None and trial.present == tried_values(context.settings.rules):
        running = trial.is_running
        with st.container(border=True):
            st.fragment(_progress, run_every=1 if running else None)(context, trial, running)


def _progress(context: PageContext, trial: RunningTrial, was_running: bool) -> None:
    if was_running and not trial.is_running:
        st.rerun()  # at rest now: no more looking every second
    if trial.is_running:
        of = f"{trial.done:,} of {trial.of:,} printers tried" if trial.of else "Waiting"
        st.progress(trial.done / max(1, trial.of), text=of)
        st.button("Stop", key="stop-trial", on_click=end_trial)
    elif trial.result is None:
        st.warning(trial.failure, icon=":material/cloud_off:")
    elif trial.result.history_begins_at is None:
        nothing(NO_HISTORY, "It begins with the first readings.")
    else:
        st.html(
            render(
                "settings/trial",
                lines=trial_lines(trial.result),
                differ=trial.present != trial.proposed,
                differences=trial_differences(trial.result),
                notes=trial_notes(trial.result, context.settings.zone),
                listed=_LISTED,
            )
        )

"""Outcomes of actions: kept by the callback, shown at the foot of the window, with an undo."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Concatenate, Final, ParamSpec

import streamlit as st

from core.runtime.wall_clock import utc_now
from dashboard.access_log import record_refused_right
from dashboard.actor import Actor
from dashboard.app_context import current_app
from dashboard.features.shared.cached import forget_states
from dashboard.features.shared.manager_cached import forget
from dashboard.page_context import PageContext
from dashboard.ui.failures import show_failure
from dashboard.ui.shown_once import keep_secret
from dashboard.ui.text import in_markdown
from dashboard.undoing import Done, undo
from dashboard.viewer import Forbidden

P = ParamSpec("P")
Action = Callable[Concatenate[Actor, P], Done]
_SHOWN_FOR: Final = timedelta(minutes=5)
_OUTCOME: Final = ".outcome"
_FOOT: Final = "outcome-"


@dataclass(frozen=True)
class _Outcome:
    at: datetime
    done: Done | None = None
    failure: Exception | None = None


def attempt(area: str, act: Callable[[], Done], *, raises: tuple[type[Exception], ...] = ()) -> Done | None:
    """Do it, in a callback; None where it failed, which show_outcome then says.

    Raises what is in `raises`: failures that the page has a better place for.
    """
    at = utc_now()
    try:
        done = act()
    except raises:
        raise
    except Exception as error:  # whatever it is becomes a sentence, and what was typed stays
        if isinstance(error, Forbidden) and error.viewer is not None:
            record_refused_right(current_app().engine, error.viewer, f"an action on {area}", now=at)
        forget_outcomes()
        st.session_state[_key(area)] = _Outcome(at, failure=error)
        return None
    finally:
        forget()
    tell(area, done)
    return done


def perform(
    area: str, context: PageContext, act: Action[P], *args: P.args, **kwargs: P.kwargs
) -> Done | None:
    """Attempt an action by the viewer at this moment: `act(context.actor(), ...)`."""
    return attempt(area, lambda: act(context.actor(), *args, **kwargs))


def press(area: str, context: PageContext, act: Action[P], *args: P.args, **kwargs: P.kwargs) -> None:
    """Perform an action for a button: what its `on_click` calls."""
    perform(area, context, act, *args, **kwargs)


def tell(area: str, done: Done) -> None:
    """Have it shown as the outcome in this area of the page, instead of the one before.

    A secret of it is shown by itself, until its reader says that they have it (ui/shown_once.py).
    """
    forget_outcomes()
    if done.secret is not None:
        keep_secret(area, done.secret)
        done = replace(done, secret=None)
    st.session_state[_key(area)] = _Outcome(utc_now(), done)


def perform_and_close(
    area: str, context: PageContext, act: Action[P], *args: P.args, **kwargs: P.kwargs
) -> None:
    """Do it in a dialog and close that; where it was refused, say so there: what was typed stays."""
    done = perform(area, context, act, *args, **kwargs)
    if done is not None and not done.refused:
        st.rerun()
    show_outcome_here(area, context)


def show_outcome(area: str, context: PageContext) -> None:
    """Show the outcome of the last action in this area of the page, and its undo.

    At the foot of the window (look.css), wherever the page is scrolled to: nothing moves below the pointer.
    """
    outcome = _outcome(area)
    if outcome is None:
        return
    with st.container(key=f"{_FOOT}{area}", horizontal=True, vertical_alignment="center", gap="small"):
        _draw(area, context, outcome)
        st.button(
            "Dismiss",
            key=f"{area}.dismiss",
            icon=":material/close:",
            type="tertiary",
            on_click=forget_outcome,
            args=(area,),
        )


def show_outcome_here(area: str, context: PageContext) -> None:
    """Show it where the page or dialog is: beside what it is about."""
    outcome = _outcome(area)
    if outcome is not None:
        _draw(area, context, outcome)


def _outcome(area: str) -> _Outcome | None:
    outcome: _Outcome | None = st.session_state.get(_key(area))
    return None if outcome is None or utc_now() - outcome.at > _SHOWN_FOR else outcome


def _draw(area: str, context: PageContext, outcome: _Outcome) -> None:
    if outcome.failure is not None:
        show_failure(outcome.failure)
    elif outcome.done is not None:
        _draw_done(area, context, outcome.done)


def _draw_done(area: str, context: PageContext, done: Done) -> None:
    with st.container():
        if done.said:
            st.success(f"{in_markdown(done.said)}.", icon=":material/check_circle:")
        if done.refused:
            st.warning("  \n".join(map(in_markdown, done.refused)), icon=":material/info:")
    if done.steps:
        st.button(
            "Undo", key=f"{area}.undo", icon=":material/undo:", on_click=_undo, args=(area, context, done)
        )


def forget_outcome(area: str) -> None:
    """Say no more of it."""
    st.session_state.pop(_key(area), None)


def forget_outcomes() -> None:
    """Say no more of any."""
    for key in [key for key in st.session_state if str(key).endswith(_OUTCOME)]:
        del st.session_state[key]


def _undo(area: str, context: PageContext, done: Done) -> None:
    def take_back() -> Done:
        undo(context.actor(), done)
        forget_states()  # a step cannot: what it has changed is not committed yet
        return Done(f"Undone: {done.said}")

    attempt(area, take_back)


def _key(area: str) -> str:
    return f"{area}{_OUTCOME}"

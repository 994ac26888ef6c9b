"""Words for states and flags: label, tone and shape, and what a person at the printer can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.contract.messages import Attention, Evidence, Fixer, PrinterState
from core.domain.conditions import FIXERS, advice
from core.domain.freshness import is_ahead
from core.domain.health import HEALTHS, health_of
from core.domain.units import counted, lasting
from core.domain.wording import STATES, last_answer, word


@dataclass(frozen=True)
class StateStyle:
    """A label with its tone (theme.TONES), its shape (look.css) and its icon for Streamlit's own widgets."""

    label: str
    tone: str
    shape: str
    icon: str = ""


HEALTH: Final[Mapping[str, StateStyle]] = {
    "critical": StateStyle(HEALTHS["critical"], "critical", "octagon", ":material/error:"),
    "stale": StateStyle(HEALTHS["stale"], "stale", "ring", ":material/history_toggle_off:"),
    "warning": StateStyle(HEALTHS["warning"], "warning", "triangle", ":material/warning:"),
    "info": StateStyle(HEALTHS["info"], "info", "diamond", ":material/info:"),
    "new": StateStyle(HEALTHS["new"], "quiet", "ring", ":material/hourglass_empty:"),
    "out": StateStyle(HEALTHS["out"], "quiet", "square", ":material/do_not_disturb_on:"),
    "ok": StateStyle(HEALTHS["ok"], "ok", "circle", ":material/check_circle:"),
}
"""How a printer is, worst first. Neither what is stale nor what has never answered is OK."""
TROUBLE: Final = ("critical", "stale", "warning")
"""Those of HEALTH that need somebody."""

_STATE_TONES: Final[Mapping[str, tuple[str, str, str]]] = {
    "idle": ("ok", "circle", ":material/check_circle:"),
    "printing": ("ok", "play", ":material/print:"),
    "warming_up": ("ok", "diamond", ":material/mode_heat:"),
    "asleep": ("info", "moon", ":material/bedtime:"),
    "stopped": ("critical", "octagon", ":material/block:"),
    "unreachable": ("critical", "cross", ":material/link_off:"),
    "unknown": ("quiet", "ring", ":material/help:"),
    "stale": ("stale", "ring", ":material/history_toggle_off:"),
}
STATE_LOOKS: Final[Mapping[str, StateStyle]] = {
    state: StateStyle(STATES[state], *_STATE_TONES[state]) for state in _STATE_TONES
}


def health_look(health: str) -> StateStyle:
    """Return the look of one of HEALTH."""
    return HEALTH.get(health, HEALTH["info"])


def state_look(state: str | None) -> StateStyle:
    """Return the look of a state, of `stale`, and of a state that a newer processor may have invented."""
    return STATE_LOOKS.get(state or "unknown") or StateStyle(
        word(STATES, state), "quiet", "ring", ":material/help:"
    )


def prints(state: PrinterState) -> bool:
    """Return whether nothing is known that keeps the printer from printing."""
    return state.state not in ("stopped", "unreachable") and not any(flag.stops for flag in state.attention)


@dataclass(frozen=True)
class Headline:
    """The headline at the top of a printer's page: what is wrong, and what to do."""

    health: str
    sentence: str
    advice: str = ""
    fixer: str = ""


_CALM: Final[Mapping[str, str]] = {
    "idle": "Nothing is wrong: it is ready.",
    "printing": "Nothing is wrong: it is printing.",
    "warming_up": "Nothing is wrong: it is warming up.",
    "asleep": "Nothing is wrong: it sleeps, and wakes up for the next print job.",
    "unknown": "It does not say what it is doing; no fault is reported.",
}


def headline(state: PrinterState, *, stale: bool, now: datetime) -> Headline:
    """Return the printer's state in one sentence."""
    reached = state.reachable or state.answered_at is not None
    health = health_of(state.severity, stale=stale, reached=reached)
    if state.taken_at is None:
        said = "It has never been read" if stale else "It has not been read yet"
        return Headline(health, f"{said}: nothing is known of it.", _NEVER_READ if stale else _READ_SOON)
    old = lasting((now - (state.answered_at or state.taken_at)).total_seconds())
    news = f"There has been no reading for a while: all this is as of {old} ago." if stale else ""
    if stale and state.answered_at is None and not state.reachable:
        news = "It has never answered, and has not been asked for a while."
    if is_ahead(state.taken_at, now):
        news = "Its last reading is dated ahead: a clock was wrong. The next reading replaces all this."
    if not state.attention:
        if stale:
            return Headline(health, news, _STALE_ADVICE)
        if not reached:
            return Headline(health, "It has not been reached yet, since it was added.", _UNREACHED)
        if not state.reachable:
            return Headline(health, f"It did not answer now; it {_answered(state, now)}.", _FAILED)
        return Headline(health, _CALM.get(state.state, f"{state_look(state.state).label}."))
    first = state.attention[0]
    said = sentence_of(first) + _and_more(state.attention[1:])
    if state.state == "stopped" and not first.stops:
        said = f"It has stopped. {said}"
    answered = "" if state.reachable or stale else f"It {_answered(state, now)}."
    told = (advice(first.code, first.fixer, prints=prints(state)), answered, news)
    return Headline(health, said, " ".join(filter(None, told)), first.fixer)


def _answered(state: PrinterState, now: datetime) -> str:
    said = last_answer(state.answered_at, now)
    return f"has {said}" if state.answered_at is None else said


_NEVER_READ: Final = "Its address may be wrong, or the service that reads it may be down."
_READ_SOON: Final = "Its first reading comes within a few minutes."
_UNREACHED: Final = "Its address may be wrong, its SNMP switched off, or a firewall between."
_FAILED: Final = "If it does not answer the next time either, it is flagged."
_STALE_ADVICE: Final = "The service that reads it may be down. The printer itself may be fine."


def sentence_of(flag: Attention) -> str:
    """Return the flag's own sentence, with its full stop."""
    said = flag.message.strip() or word({}, flag.code)
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _and_more(others: Sequence[Attention]) -> str:
    if not others:
        return ""
    return (
        " One more thing needs attention."
        if len(others) == 1
        else f" {len(others)} more things need attention."
    )


def fixer_label(fixer: Fixer | str) -> str:
    """Return who can mend it."""
    return word(FIXERS, fixer)


_OBJECTS: Final[Mapping[str, str]] = {
    "prtAlertCode": "a row of its alert table",
    "prtAlertDescription": "the words of that row",
    "prtAlertSeverityLevel": "the severity of that row",
    "prtCoverStatus": "what it says of a cover",
    "prtInputStatus": "what it says of a tray",
    "prtInputCurrentLevel": "how much paper it counts in a tray",
    "prtMarkerSuppliesLevel": "the level it gives for a supply",
    "prtMarkerSuppliesMaxCapacity": "what a full supply holds",
    "prtOutputStatus": "what it says of an output tray",
    "brInfoNextCare": "how many pages its vendor's own object gives a part",
    "prtConsoleDisplayBufferText": "the words on its panel",
    "prtOutputRemainingCapacity": "how many sheets it says still fit into an output tray",
    "sysObjectID": "whose software it says it runs",
    "hrPrinterDetectedErrorState": "its error bits",
    "hrPrinterStatus": "what it says it is doing",
    "hrDeviceStatus": "its reported state",
}


def evidence_meaning(evidence: Evidence) -> str:
    """Return what an object of the MIB tells, for somebody who does not know the MIB.

    "" where it needs no words.
    """
    return _OBJECTS.get(evidence.object.partition(".")[0], "")


_MANY_DAYS: Final = 365


def days_left(days: float, low: float | None, high: float | None) -> str:
    """Return a forecast with its range: "about 12 days left (9 to 20)"."""
    if days <= 0:
        return "nothing left"
    if days > _MANY_DAYS:
        return "more than a year left"
    about = "less than a day left" if days < 1 else f"about {counted(round(days), 'day')} left"
    early, late = round(low) if low is not None else None, round(high) if high is not None else None
    if early is not None and late is not None and early != late:
        return f"{about} ({early} to {late})" if late <= _MANY_DAYS else f"{about} (at least {early})"
    return f"{about} (at least {early})" if early is not None and late is None else about

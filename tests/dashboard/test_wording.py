"""Every state and flag has its words; whatever a printer says comes to one sentence."""

import re
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract.messages import Attention, Evidence, Fixer, PrinterState, Severity, State
from core.domain.conditions import CONDITIONS, advice
from core.domain.forecast_reasons import no_forecast
from core.domain.health import HEALTHS, health_of
from dashboard.ui.theme import TONES
from dashboard.ui.wording import (
    HEALTH,
    STATE_LOOKS,
    days_left,
    evidence_meaning,
    fixer_label,
    headline,
    sentence_of,
    state_look,
)
from tests.paths import ROOT

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
CODES = [*CONDITIONS]
SHAPES = set(
    re.findall(r"\.shape\.(\w+)", (ROOT / "dashboard/ui/assets/shapes.css").read_text(encoding="utf-8"))
)


def flag(code: str = "jam", fixer: Fixer = "anyone", message: str = "Paper is jammed.") -> Attention:
    return Attention(code=code, severity="critical", message=message, since_at=NOW, fixer=fixer)


def state(**values: object) -> PrinterState:
    base = {"printer_id": "lib", "taken_at": NOW, "answered_at": NOW, "reachable": True, "state": "idle"}
    return PrinterState.model_validate(base | values)


def test_every_state_and_severity_has_a_look() -> None:
    assert set(get_args(State)) <= set(STATE_LOOKS)
    assert set(get_args(Severity)) <= set(HEALTH)
    assert [*HEALTH] == [*HEALTHS]


def test_every_look_has_a_tone_a_shape_and_an_icon_that_exist() -> None:
    for look in [*HEALTH.values(), *STATE_LOOKS.values()]:
        assert look.tone in TONES
        assert look.shape in SHAPES
        assert look.icon.startswith(":material/")
        assert look.label


def test_looks_of_one_tone_that_stand_together_differ_in_shape() -> None:
    shapes = [look.shape for look in HEALTH.values() if look.tone != "quiet"]
    assert len(set(shapes)) == len(shapes)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("fixer", get_args(Fixer))
def test_every_flag_says_what_to_do_whoever_is_to_do_it(code: str, fixer: Fixer) -> None:
    assert advice(code, fixer).endswith(".")
    assert fixer_label(fixer)


@pytest.mark.parametrize("code", CODES)
def test_nobody_is_sent_inside_a_printer_that_wants_the_vendor(code: str) -> None:
    assert "vendor" in advice(code, "vendor")


def test_a_state_of_a_newer_processor_is_shown_readable() -> None:
    assert state_look("being_cleaned").label == "Being cleaned"
    assert state_look(None).label == "Unknown"


def test_neither_stale_nor_never_read_is_fine() -> None:
    assert health_of(None, stale=True, reached=True) == "stale"
    assert health_of(None, stale=False, reached=False) == "new"
    assert health_of("critical", stale=True, reached=True) == "critical"
    assert health_of("warning", stale=True, reached=True) == "stale"
    assert health_of(None, stale=False, reached=True) == "ok"


def test_a_jam_is_told_with_what_to_do_and_how_much_more_there_is() -> None:
    told = headline(state(severity="critical", attention=(flag(), flag("door_open"))), stale=False, now=NOW)
    assert told.sentence == "Paper is jammed. One more thing needs attention."
    assert "pull the paper out" in told.advice
    assert told.health == "critical"


def test_a_stale_printer_is_never_told_as_well() -> None:
    long_ago = NOW - timedelta(hours=2)
    told = headline(state(taken_at=long_ago, answered_at=long_ago), stale=True, now=NOW)
    assert told.health == "stale"
    assert "2 h ago" in told.sentence
    assert "Nothing is wrong" not in told.sentence


def test_that_it_prints_is_not_said_of_a_printer_that_does_not() -> None:
    low = flag("supply_low", "technician", "Black Toner is low (3 %).")
    jam = flag().model_copy(update={"stops": True})
    told = headline(state(state="stopped", severity="critical", attention=(jam, low)), stale=False, now=NOW)
    assert told.sentence.startswith("Paper is jammed.")
    told = headline(state(state="stopped", severity="critical", attention=(low,)), stale=False, now=NOW)
    assert told.sentence.startswith("It has stopped. Black Toner is low")
    assert "prints" not in told.advice
    assert "still prints" in advice("supply_low", "technician")


def test_a_printer_that_does_not_answer_says_when_it_last_did() -> None:
    off = flag("unreachable", "technician", "The printer does not answer.")
    said = {"reachable": False, "state": "unreachable", "severity": "critical", "attention": (off,)}
    ago = headline(state(**said, answered_at=NOW - timedelta(hours=3)), stale=False, now=NOW)
    never = headline(state(**said, answered_at=None), stale=False, now=NOW)
    assert "It last answered 3 h ago." in ago.advice
    assert "It has never answered." in never.advice
    first = headline(state(reachable=False, answered_at=NOW - timedelta(minutes=5)), stale=False, now=NOW)
    assert first.sentence == "It did not answer now; it last answered 5 min ago."


def test_a_reading_dated_ahead_is_no_news() -> None:
    told = headline(state(taken_at=NOW + timedelta(days=3)), stale=True, now=NOW)
    assert "dated ahead" in told.sentence


def test_a_printer_never_read_says_so() -> None:
    assert "not been read yet" in headline(state(taken_at=None), stale=False, now=NOW).sentence
    assert "never been read" in headline(state(taken_at=None), stale=True, now=NOW).sentence


@given(
    st.builds(
        state,
        state=st.sampled_from(get_args(State)),
        severity=st.sampled_from([None, *get_args(Severity)]),
        attention=st.lists(
            st.builds(flag, st.text(max_size=20), st.sampled_from(get_args(Fixer)), st.text(max_size=50)),
            max_size=3,
        ),
        taken_at=st.sampled_from([None, NOW, NOW - timedelta(days=400)]),
    ),
    st.booleans(),
)
def test_whatever_a_printer_says_comes_to_one_sentence(said: PrinterState, stale: bool) -> None:
    told = headline(said, stale=stale, now=NOW)
    assert told.sentence.rstrip()[-1] in ".!?"
    assert told.health in HEALTH


def test_a_flag_without_words_is_told_by_its_code() -> None:
    assert sentence_of(flag("cover_open", message=" ")) == "Cover open."


def test_evidence_is_explained_where_the_object_is_known() -> None:
    assert "cover" in evidence_meaning(Evidence(object="prtCoverStatus", value="3"))
    assert evidence_meaning(Evidence(object="acmeSecret", value="3")) == ""


@pytest.mark.parametrize(
    ("days", "low", "high", "told"),
    [
        (12.2, 9.0, 20.4, "about 12 days left (9 to 20)"),
        (1.1, 1.0, 1.3, "about 1 day left"),
        (0.4, 0.1, 2.0, "less than a day left (0 to 2)"),
        (40.0, 30.0, None, "about 40 days left (at least 30)"),
        (40.0, None, None, "about 40 days left"),
        (900.0, 400.0, None, "more than a year left"),
        (300.0, 200.0, 500.0, "about 300 days left (at least 200)"),
    ],
)
def test_a_forecast_is_told_with_its_range(
    days: float, low: float | None, high: float | None, told: str
) -> None:
    assert days_left(days, low, high) == told


@pytest.mark.parametrize(
    "reason",
    ["coarse", "not_measured", "too_short", "not_falling", "no_history", "not_reached", "a newer reason"],
)
def test_a_missing_forecast_says_why(reason: str) -> None:
    assert no_forecast(reason).startswith("no forecast")

"""The table of conditions: complete, and everything that is said of a flag is made of it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from core.contract.messages import Attention, Fixer, Severity
from core.domain.conditions import (
    ALERT_CRITICAL,
    CONDITIONS,
    DEVICE_CHANGED,
    FIXERS,
    JAM,
    MAINTENANCE_DUE,
    MEDIA_REQUESTED,
    NO_PAPER,
    ORDERED_FOR,
    OTHER_MODEL,
    SERVICE_REQUESTED,
    SEVERITIES,
    SEVERITY_RANK,
    SUPPLY_LOW,
    WORN,
    flag_sentence,
    in_words_of_now,
    sentence,
)
from core.domain.flag_reports import of_reports, reports_in
from core.domain.mutes import Mute
from core.domain.wording import CATEGORIES

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_every_entry_is_whole_and_names_only_what_there_is() -> None:
    for code, one in CONDITIONS.items():
        assert one.code == code
        assert {*one.stronger, *one.same_as} <= CONDITIONS.keys() - {code}
        assert set(one.same_as) <= set(one.stronger)
        assert one.category in {"", *CATEGORIES}
        assert set(one.advice) <= set(get_args(Fixer))
        for said in (one.of_printer, one.of_part or one.of_printer, *one.variants.values()):
            assert said[0].isupper() or said.startswith("{part}")
            assert said.endswith(".")


def test_severities_and_fixers_are_those_of_the_contract_in_one_order() -> None:
    assert set(SEVERITIES) == set(get_args(Severity))
    assert sorted(SEVERITIES, key=lambda each: -SEVERITY_RANK[each]) == [*SEVERITIES]
    assert set(FIXERS) == set(get_args(Fixer))


def test_what_is_ordered_first_is_what_is_most_urgent() -> None:
    assert [*ORDERED_FOR.values()] == ["empty", "full", "missing", "low", "nearly full"]


@pytest.mark.parametrize(
    ("code", "parameters", "said"),
    [
        (JAM, {}, "Paper is jammed."),
        (JAM, {"part": "Tray 2"}, "Paper is jammed at Tray 2."),
        (JAM, {"words": "Open door B"}, "Paper is jammed: Open door B."),
        (SUPPLY_LOW, {"part": "Black {0} %s", "percent": "7"}, "Black {0} %s is low (7 %)."),
        (SUPPLY_LOW, {"part": "Fuser", "variant": WORN}, "Fuser is near the end of its life."),
        (NO_PAPER, {"variant": "of a newer version"}, "The printer is out of paper."),
        (
            DEVICE_CHANGED,
            {"variant": OTHER_MODEL, "model": "B", "model_before": "A"},
            "Another device answers at this address: B instead of A.",
        ),
        (
            MAINTENANCE_DUE,
            {"alert": "subunit_life_over", "group": "media_path"},
            "Maintenance is due: the paper path is at the end of its life.",
        ),
        (ALERT_CRITICAL, {"words": "Call service"}, "The printer reports: Call service."),
        (
            ALERT_CRITICAL,
            {"alert": "marker_fuser_over_temperature", "words": "SC 542"},
            "The fuser is too hot (SC 542).",
        ),
        (SERVICE_REQUESTED, {"alert": "cover_open", "group": "cover"}, "Service is needed: a cover is open."),
        ("of_tomorrow", {"part": "Tray 2"}, ""),
    ],
)
def test_a_sentence_is_made_of_code_and_parameters(code: str, parameters: dict[str, str], said: str) -> None:
    assert sentence(code, parameters) == said


def test_several_reports_are_told_one_after_the_other_three_at_most() -> None:
    reports = [{"alert": "input_media_change_request", "part": f"Tray {number}"} for number in range(1, 5)]
    parameters = of_reports([*reports[:1], {}, *reports[1:]])
    assert sentence(MEDIA_REQUESTED, parameters) == (
        "The printer asks for other paper in Tray 1. The printer asks for paper."
        " The printer asks for other paper in Tray 2."
    )


def test_a_flag_stored_before_parameters_is_shown_by_its_message() -> None:
    assert flag_sentence(JAM, None, "Paper is stuck.") == "Paper is stuck."
    assert flag_sentence("of_tomorrow", {}, "It hums.") == "It hums."
    assert flag_sentence(JAM, {}, "Paper is stuck.") == "Paper is jammed."


def test_a_new_wording_reaches_a_stored_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    flag = Attention(code=JAM, severity="critical", message="Paper is jammed.", parameters={}, since_at=NOW)
    stored = Attention.model_validate_json(flag.model_dump_json())
    assert in_words_of_now(stored) is stored
    monkeypatch.setitem(CONDITIONS, JAM, replace(CONDITIONS[JAM], of_printer="Papierstau."))
    assert in_words_of_now(stored).message == "Papierstau."


def test_the_reports_of_a_flag_are_found_in_its_parameters() -> None:
    reports = [{"alert": "jam", "group": "input", "words": "a"}, {"part": "Tray 2"}, {"words": "b"}]
    assert reports_in(of_reports(reports)) == reports
    assert reports_in(of_reports(reports[:1])) == reports[:1]
    mute = Mute(1, MAINTENANCE_DUE, "", "", of_reports(reports))
    assert mute.covers(MAINTENANCE_DUE, "", of_reports(reports[:0:-1]))
    assert not mute.covers(MAINTENANCE_DUE, "", of_reports([*reports[:1], {"words": "c"}]))

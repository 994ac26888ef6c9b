"""Every code of the IANA list is a sentence in plain English, about the part that the row points at."""

import re

import pytest

from core.contract.messages import Alert
from core.contract.mib_names import ALERT_CODE, ALERT_GROUP
from core.domain.alert_sentences import SENTENCES, alert_parameters, alert_sentence
from tests.processor.printers import (
    CRITICAL,
    WARNING,
    alert,
    cover,
    device,
    flags,
    state_of,
    supply,
    tray,
)

IDENTIFIERS = re.compile(r"subunit|unary|binary|media path|marker|interpreter|opc\b|_|\{", re.IGNORECASE)


def test_the_table_has_the_whole_list_and_nothing_else() -> None:
    assert set(SENTENCES) == set(ALERT_CODE.values())


@pytest.mark.parametrize("code", [None, "code_40001", *ALERT_CODE.values()])
def test_every_code_of_every_group_is_a_sentence(code: str | None) -> None:
    for group in (None, "code_99", *ALERT_GROUP.values()):
        said = alert_sentence(alert_parameters(Alert(index="1.1", code=code, group=group, group_index=2)))
        assert said[0].isupper()
        assert said.endswith(".")
        assert len(said.split()) >= 3
        assert not IDENTIFIERS.search(said)


@pytest.mark.parametrize(
    ("code", "group", "row", "said"),
    [
        (33, 30, 1, "A motor of the finisher has failed."),
        (33, 10, 1, "A motor of the print engine has failed."),
        (33, 10, 2, "A motor of the print engine 2 has failed."),
        (33, 8, 2, "A motor of Tray 2 has failed."),
        (33, 9, 3, "A motor of Output tray 3 has failed."),
        (33, 11, 1, "A motor of Black Toner has failed."),
        (33, 13, -1, "A motor of the paper path has failed."),
        (33, 5, -1, "A motor of the printer has failed."),
        (33, None, None, "A motor of the printer has failed."),
        (30, 6, 4, "Side Door has failed and has to be repaired."),
        (36, 10, 1, "The print engine is too hot."),
        (1002, 10, 1, "The fuser is too hot."),
        (1004, None, None, "The temperature sensor of the fuser has failed."),
        (34, 5, -1, "The printer has no memory left."),
        (812, 8, 2, "Tray 2 cannot lift its paper."),
        (812, None, None, "A paper tray cannot lift its paper."),
        (904, 9, 1, "The sorter cannot reach the mailbox that was chosen."),
        (1304, 13, 1, "The chosen paper cannot be printed on both sides."),
        (40_100, 10, 1, "The print engine reports fault 40100, which has no standard meaning."),
    ],
)
def test_a_critical_row_without_words_is_told_in_ours(
    code: int, group: int | None, row: int | None, said: str
) -> None:
    parts = tray("1.2", 300), supply("1.1", 60), cover("1.4", 4, "Side Door")
    state = state_of(*parts, alert("1.9", code, CRITICAL, None, group=group, group_index=row))
    assert flags(state) == {("alert_critical", "1.9"): "critical"}
    assert state.attention[0].message == said


def test_no_flag_of_any_code_shows_a_name_of_the_mib() -> None:
    for group in (None, *ALERT_GROUP):
        rows = [alert(f"1.{code}", code, WARNING, None, group=group) for code in ALERT_CODE]
        for each in state_of(device(3, 3), *rows).attention:
            assert not IDENTIFIERS.search(each.message), each


@pytest.mark.parametrize(
    ("group", "said"),
    [
        (10, "Maintenance is due: the print engine is near the end of its life."),
        (30, "Maintenance is due: the finisher is near the end of its life."),
        (5, "Maintenance is due."),
    ],
)
def test_maintenance_says_of_what(group: int, said: str) -> None:
    state = state_of(alert("1.9", 10, WARNING, None, group=group, group_index=-1))
    assert state.attention[0].message == said


def test_a_request_for_service_names_the_failure_in_a_sentence() -> None:
    state = state_of(device(5, 1, b"\x01"), alert("1.9", 1001, CRITICAL, None, group=10, group_index=1))
    assert flags(state) == {("service_requested", ""): "critical"}
    assert state.attention[0].message == "Service is needed: the fuser is too cold."


@pytest.mark.parametrize("code", [809, 810])
@pytest.mark.parametrize(
    ("severity", "printer", "shown"),
    [(CRITICAL, device(5, 1, b"\x40"), "stopped"), (WARNING, device(), "idle")],
)
def test_what_a_person_is_asked_for_is_information(
    code: int, severity: int, printer: dict[str, int | str], shown: str
) -> None:
    row = alert("1.9", code, severity, "A4 plain", group=8, group_index=2)
    state = state_of(printer, tray("1.1", 300) | tray("1.2", 100), row)
    assert (state.state, flags(state)) == (shown, {("media_requested", "1.2"): "info"})
    assert state.attention[0].message.startswith("The printer asks for ")
    assert state.attention[0].message.endswith("Tray 2: A4 plain.")
    assert state.attention[0].fixer == "anyone"

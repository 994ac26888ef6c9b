"""What a printer reports otherwise of itself: its firmware, model, name and location; noted in the audit."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.contract.messages import PrinterState, Reading, VarbindValue
from core.contract.printer_mib import COLUMN_OID
from core.runtime.settings import RuleSettings
from core.storage.core_tables import AUDIT
from processor.batch.reported import MOST_A_DAY
from processor.batch.store import store
from processor.judgment.device_texts import changed_texts
from tests.builders import NEW_SERIAL as NEW
from tests.builders import OLD_SERIAL as OLD
from tests.processor.making import NOON, add_printers, make_reading, received, rows, unanswered, varbinds

BROTHER = "1.3.6.1.4.1.2435.2.3.9.1"
FIELDS = ("model", "firmware", "system_name", "system_location")
TEXTS = st.fixed_dictionaries({name: st.none() | st.text(max_size=20) for name in FIELDS})


def says(number: int, firmware: str, serial: str = OLD, **texts: str) -> Reading:
    """The reading of that number, of a Brother with this firmware."""
    description = f"Brother NC-8800h, Firmware Ver.{firmware},MID 8CE-G36"
    own = {"sysDescr": description, "prtGeneralSerialNumber": serial, "hrDeviceDescr": "Brother HL", **texts}
    told: dict[str, VarbindValue] = {
        f"{COLUMN_OID[name]}.{'1' if name.startswith(('prt', 'hr')) else '0'}": text.encode().hex()
        for name, text in own.items()
    }
    told[f"{COLUMN_OID['sysObjectID']}.0"] = f".{BROTHER}"
    return make_reading(number, varbinds=varbinds() | told)


def put(engine: Engine, *readings: Reading) -> None:
    """Each in a batch of its own."""
    for each in readings:
        (one,) = received(each)
        store(engine, [one], RuleSettings(), one.at)


def noted(engine: Engine) -> list[dict[str, Any]]:
    return [row["details"] for row in rows(engine, AUDIT) if row["action"] == "printer.reported"]


@pytest.fixture
def fleet(engine: Engine) -> Engine:
    add_printers(engine, "lib-1")
    return engine


def test_an_updated_firmware_is_noted_with_what_it_was(fleet: Engine) -> None:
    put(fleet, says(0, "1.08"), says(1, "1.08"), unanswered(2), says(3, "1.14"), says(4, "1.14"))
    (entry,) = [row for row in rows(fleet, AUDIT) if row["action"] == "printer.reported"]
    assert (entry["subject"], entry["actor"]) == ("lib-1", "processor")
    assert entry["at"] == NOON + timedelta(minutes=15, seconds=1)
    assert entry["details"] == {"firmware": ["1.08", "1.14"]}


def test_a_printer_that_was_moved_and_renamed_is_noted_once(fleet: Engine) -> None:
    before = says(0, "1.08", sysName="brn1", sysLocation="Room 1")
    after = [says(n, "1.08", sysName="brn2", sysLocation="Room 2") for n in (1, 2)]
    put(fleet, before, *after)
    assert noted(fleet) == [{"system_name": ["brn1", "brn2"], "system_location": ["Room 1", "Room 2"]}]


def test_another_device_is_noted_as_that_alone(fleet: Engine) -> None:
    put(fleet, says(0, "1.08"), *(says(n, "1.14", serial=NEW) for n in (1, 2, 3)))
    assert [row["action"] for row in rows(fleet, AUDIT)] == ["printer.device_changed"]


def test_what_was_seen_once_of_another_device_is_no_change_of_this_one(fleet: Engine) -> None:
    put(fleet, says(0, "1.08"), says(1, "1.14", serial=NEW), says(2, "1.08"), says(3, "1.08"))
    assert noted(fleet) == []


def test_two_that_take_turns_are_noted_a_few_times_a_day(fleet: Engine) -> None:
    put(fleet, *(says(n, f"1.{n % 2}") for n in range(40)))
    assert len(noted(fleet)) == MOST_A_DAY
    day = 24 * 60 // 5
    put(fleet, *(says(day + n, f"1.{n % 2}") for n in range(40)))
    assert len(noted(fleet)) == 2 * MOST_A_DAY


@given(TEXTS, TEXTS)
def test_a_change_has_both_its_values_and_they_differ(
    before: dict[str, str | None], after: dict[str, str | None]
) -> None:
    was, now = (PrinterState.model_validate({"printer_id": "p", **texts}) for texts in (before, after))
    found = changed_texts(was, now)
    for name in FIELDS:
        texts = [" ".join((each[name] or "").split()) for each in (before, after)]
        assert found.get(name) == (texts if all(texts) and texts[0] != texts[1] else None)
    assert changed_texts(now, now) == {}

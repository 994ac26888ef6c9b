"""Another device at a printer's address: said on its page, confirmed by a technician, pointed out twice."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from console.check.context import read_stored
from console.check.devices import check_devices
from core.contract.errors import UserError
from core.contract.messages import Attention, Evidence, PrinterState
from core.storage.core_tables import AUDIT, DOCUMENTS, PRINTERS, SNAPSHOTS
from core.storage.database import reading, writing
from core.storage.shared_serials import shared_serials
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.issues.issue_queries import Event
from dashboard.features.issues.wording import event_words
from dashboard.features.printer.actions import confirm
from dashboard.features.shared import cached
from dashboard.viewer import Forbidden, Viewer
from tests.builders import NEW_SERIAL as NEW
from tests.builders import OLD_SERIAL as OLD
from tests.console.cli import printers
from tests.dashboard.harness import ANONYMOUS, MANAGER, TECHNICIAN, drawn, open_college
from tests.dashboard.html_text import parsed
from tests.dashboard.portal import said

NOW = datetime.now(UTC)
BUTTON = "confirm-device"


@pytest.fixture
def college(tmp_path: Path) -> Iterator[AppContext]:
    app_context = open_college(tmp_path)
    exchanged(app_context, "fine")
    yield app_context
    cached.forget()


def exchanged(app_context: AppContext, printer_id: str, serial: str = NEW) -> None:
    """Its snapshot is of another device than before."""
    flag = Attention(
        code="device_changed",
        severity="info",
        message="Another device answers at this address: HP B instead of HP A.",
        since_at=NOW,
        evidence=(Evidence(object="prtGeneralSerialNumber", value=serial),),
    )
    state = PrinterState(
        printer_id=printer_id,
        taken_at=NOW,
        answered_at=NOW,
        reachable=True,
        state="idle",
        severity="info",
        attention=(flag,),
        serial_number=serial,
        model="HP B",
    )
    values = {"serial": serial, "model": "HP B"}
    with writing(app_context.engine) as connection:
        own = SNAPSHOTS.c.printer_id == printer_id
        connection.execute(update(SNAPSHOTS).where(own).values(values))
        document = update(DOCUMENTS).where(DOCUMENTS.c.printer_id == printer_id)
        connection.execute(document.values(payload=state.model_dump(mode="json")))
        connection.execute(
            update(PRINTERS).where(PRINTERS.c.printer_id == printer_id).values(serial=OLD, model="HP A")
        )


def inventory(app_context: AppContext, printer_id: str = "fine") -> tuple[str, str]:
    with reading(app_context.engine) as connection:
        query = select(PRINTERS.c.serial, PRINTERS.c.model).where(PRINTERS.c.printer_id == printer_id)
        row = connection.execute(query).one()
        return row.serial, row.model


def text(viewer: Viewer, college: AppContext) -> str:
    page = drawn("printer", viewer, college, id="fine")
    assert not page.exception
    return parsed(said(page)).text


def test_a_technician_confirms_the_new_device_on_its_page(college: AppContext) -> None:
    page = drawn("printer", TECHNICIAN, college, id="fine")
    page.button(key=BUTTON).click().run()
    assert not page.exception
    assert inventory(college) == (NEW, "HP B")
    shown = parsed(said(page)).text
    assert "It is confirmed: this note goes with the next readings." in shown
    with reading(college.engine) as connection:
        noted = select(AUDIT.c.subject, AUDIT.c.actor).where(AUDIT.c.action == "printer.device_confirmed")
        assert connection.execute(noted).all() == [("fine", TECHNICIAN.name)]


def test_who_is_not_signed_in_sees_the_exchange_without_serial_numbers(college: AppContext) -> None:
    shown = text(ANONYMOUS, college)
    assert "Another device answers" in shown
    assert NEW not in shown and OLD not in shown
    assert not [b for b in drawn("printer", ANONYMOUS, college, id="fine").button if b.key == BUTTON]
    with pytest.raises(Forbidden):
        confirm(Actor(college.engine, ANONYMOUS, NOW), "fine")


def test_confirming_twice_or_without_a_serial_number_is_a_sentence(college: AppContext) -> None:
    confirm(Actor(college.engine, MANAGER, NOW), "fine")
    assert "already" in confirm(Actor(college.engine, MANAGER, NOW), "fine").said
    exchanged(college, "low", serial="0000000")
    with pytest.raises(UserError, match="low has not reported a serial number"):
        confirm(Actor(college.engine, MANAGER, NOW), "low")


def test_the_command_confirms_too(
    college: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    done = printers("confirm-device", "fine")
    assert done.exit_code == 0, done.output
    assert f"Confirmed fine: serial number {NEW}." in done.output
    assert inventory(college) == (NEW, "HP B")


def test_printers_that_report_one_serial_number_are_on_the_system_page_and_in_check(
    college: AppContext,
) -> None:
    exchanged(college, "low", serial=NEW.lower())
    page = drawn("system", MANAGER, college)
    assert not page.exception
    shown = parsed(said(page)).text
    assert "One device under several addresses" in shown
    assert NEW in shown
    (finding,) = check_devices(read_stored(college.engine))
    assert finding.level == "warning"
    assert f"fine, low report one serial number, {NEW}" in finding.text
    with reading(college.engine) as connection:
        assert len(shared_serials(connection)) == 1


def test_the_timeline_of_an_issue_says_that_its_device_is_gone() -> None:
    event = Event(NOW, "processor", "device_changed", {"serial": [OLD, NEW]})
    words = event_words(event, {})
    assert f"serial number {NEW} instead of {OLD}" in words
    assert "not resolved" in words

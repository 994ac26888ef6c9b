"""Printers and their readings for the tests of the processor."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, select, text

from core.contract.messages import PrinterState, Reading, VarbindValue
from core.contract.printer_mib import COLUMN_OID, HR_DEVICE_PRINTER, POLL_TABLES
from core.runtime.settings import RuleSettings
from core.storage.core_tables import SNAPSHOTS
from core.storage.database import reading as reading_from
from core.storage.database import writing
from core.storage.states import STATE_COLUMNS, STATES, state_json
from processor.batch.printer_batch import Received
from processor.batch.store import store
from processor.tables import PRINTERS

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTES = timedelta(minutes=1)
JAMMED = "04"
DOOR_OPEN = "08"
NOTHING_WRONG = "00"


def varbinds(bits: str = NOTHING_WRONG, level: int = 80, pages: int = 1000) -> dict[str, VarbindValue]:
    """A small printer: one toner, one counter, the error bits as hex."""
    stopped = bits in (JAMMED, DOOR_OPEN)
    columns: dict[str, VarbindValue] = {
        "hrDeviceType.1": "." + HR_DEVICE_PRINTER,
        "hrDeviceStatus.1": 5 if stopped else 2,
        "hrPrinterStatus.1": 1 if stopped else 3,
        "hrPrinterDetectedErrorState.1": bits,
        "prtMarkerCounterUnit.1.1": 7,
        "prtMarkerLifeCount.1.1": pages,
        "prtMarkerSuppliesClass.1.1": 3,
        "prtMarkerSuppliesType.1.1": 3,
        "prtMarkerSuppliesDescription.1.1": b"Black Toner".hex(),
        "prtMarkerSuppliesSupplyUnit.1.1": 19,
        "prtMarkerSuppliesMaxCapacity.1.1": 100,
        "prtMarkerSuppliesLevel.1.1": level,
    }
    return {
        f"{COLUMN_OID[name.split('.')[0]]}.{name.split('.', 1)[1]}": value for name, value in columns.items()
    }


def make_reading(
    number: int = 0, printer_id: str = "lib-1", *, bits: str = NOTHING_WRONG, **changes: Any
) -> Reading:
    """The reading of that number, one every five minutes."""
    level, pages = changes.pop("level", 80), changes.pop("pages", 1000 + number)
    fields: dict[str, Any] = {
        "id": f"{printer_id}-{number}",
        "printer_id": printer_id,
        "site": "main",
        "seq": number,
        "taken_at": NOON + number * 5 * MINUTES,
        "reachable": True,
        "tables": dict.fromkeys(POLL_TABLES, "complete"),
        "varbinds": varbinds(bits, level, pages),
    }
    return Reading.model_validate(fields | changes)


def unanswered(number: int, printer_id: str = "lib-1", **changes: Any) -> Reading:
    """A reading of a printer that did not answer."""
    fields: dict[str, Any] = {
        "reachable": False,
        "error": "no answer within 3 s",
        "varbinds": {},
        "tables": {},
    }
    return make_reading(number, printer_id, **(fields | changes))


def received(*readings: Reading, after: timedelta = timedelta(seconds=1)) -> list[Received]:
    """As if each had arrived so long after it was taken."""
    return [Received(reading, reading.taken_at + after) for reading in readings]


def add_printers(engine: Engine, *printer_ids: str, site: str = "main") -> None:
    """Put printers into the inventory."""
    rows = [
        {
            **dict.fromkeys(("location", "model", "serial", "notes"), ""),
            "printer_id": printer_id,
            "name": printer_id.upper(),
            "host": "127.0.0.1",
            "port": 161,
            "site": site,
            "profile": "default",
            "enabled": True,
            "version": 1,
            "created_at": NOON,
            "updated_at": NOON,
        }
        for printer_id in printer_ids
    ]
    with writing(engine) as connection:
        connection.execute(insert(PRINTERS), rows)


def edit(engine: Engine, statement: str, **values: Any) -> None:
    """One statement of somebody else, in a transaction."""
    with writing(engine) as connection:
        connection.execute(text(statement), values)


def rows(engine: Engine, table: Any, *columns: str) -> list[Any]:
    """Rows of a table in the order of its key: dicts, or tuples of the columns named."""
    with reading_from(engine) as connection:
        found = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings().all()
    return [tuple(row[name] for name in columns) if columns else dict(row) for row in found]


def state_of(engine: Engine, printer_id: str = "lib-1") -> PrinterState:
    """The stored state of a printer."""
    statement = select(*STATE_COLUMNS).select_from(STATES).where(SNAPSHOTS.c.printer_id == printer_id)
    with reading_from(engine) as connection:
        return PrinterState.model_validate(state_json(connection.execute(statement).one()))


def documents(texts: Iterable[str]) -> list[Any]:
    """JSON texts, parsed."""
    return [json.loads(text_) for text_ in texts]


def put_readings(
    engine: Engine, *numbers: int, printers: tuple[str, ...] = ("lib-1",), bits: str = "00"
) -> None:
    """Store readings with these numbers of each printer, as the processor does."""
    readings = [make_reading(n, printer, bits=bits) for n in numbers for printer in printers]
    store(engine, received(*readings), RuleSettings(), NOON)

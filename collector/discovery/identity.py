"""Identify a device at an address with as few requests as possible: is it a printer, and which one."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from collector.drivers.protocol import Agent, CredentialsRefused, SnmpDriver, SnmpError
from collector.poll import Capabilities
from collector.poll.column import ColumnSpec, MibColumn, spec
from collector.poll.plan import device_objects, printer_indexes
from collector.poll.walk import Walk
from core.contract.ber import OBJECT_IDENTIFIER, BerError, decode_integer, decode_oid, encode_oid
from core.contract.discovery_messages import FoundPrinter
from core.contract.printer_mib import HR_DEVICE_PRINTER, IF_PHYS_ADDRESS, POLL_TABLES
from core.contract.vendor_objects import DEVICE_ID_COLUMNS, DEVICE_IDS
from core.domain.device_texts import readable
from core.domain.model_names import model_name
from core.domain.print_queues import is_computer

_GENERAL: Final = POLL_TABLES["general"]
_STATUSES: Final = ("hrPrinterStatus", "hrPrinterDetectedErrorState")
_INTERFACES: Final = 2
_MAC_OCTETS: Final = 6
_GROUP_BIT: Final = 0x01  # of the first octet: an address of many


@dataclass(frozen=True, slots=True)
class IdentityAnswer:
    """Result of asking an address."""

    answered: bool
    refused: bool = False
    """An SNMPv3 agent is there, and does not take the user or a password."""
    computer: bool = False
    """A computer that lists its print queues; it is no printer."""
    printer: FoundPrinter | None = None


async def identify(driver: SnmpDriver, agent: Agent) -> IdentityAnswer:
    """Ask one address; whatever may be wrong there is no error of a sweep."""
    columns = [MibColumn(what) for what in _specs()]
    walk = Walk(driver, agent, Capabilities())
    try:
        await walk.run(columns)
        indexes = printer_indexes(columns)
        if not indexes and not _Seen(columns).is_printer():
            return IdentityAnswer(answered=True)
        more = [MibColumn(what) for what in (*device_objects(indexes), _interfaces(), *_device_ids())]
        await walk.run(more)
    except CredentialsRefused:
        return IdentityAnswer(answered=True, refused=True)
    except SnmpError:
        return IdentityAnswer(answered=False)
    seen = _Seen([*columns, *more])
    if seen.is_computer():
        return IdentityAnswer(answered=True, computer=True)
    return IdentityAnswer(answered=True, printer=seen.printer(agent) if seen.is_printer() else None)


def _specs() -> Iterator[ColumnSpec]:
    for name in POLL_TABLES["system"]:
        yield spec("system", name, 1, single=True)
    for name in (*_GENERAL, "prtLocalizationCharacterSet", *_STATUSES, "prtMarkerLifeCount"):
        yield spec("general", name, 1)


def _interfaces() -> ColumnSpec:
    prefix = encode_oid(IF_PHYS_ADDRESS)
    return ColumnSpec("interfaces", "ifPhysAddress", prefix, prefix, _INTERFACES, single=False)


def _device_ids() -> Iterator[ColumnSpec]:
    for column in DEVICE_ID_COLUMNS:
        yield spec(DEVICE_IDS, column.name, 1, single=True)


class _Seen:
    """The columns that were answered."""

    def __init__(self, columns: list[MibColumn]) -> None:
        self._columns = columns
        self._charset = self._find_charset()

    def is_printer(self) -> bool:
        """Return whether it has rows of the Printer MIB, or its hrDeviceTable says that it is a printer."""
        if any(column.cells for column in self._columns if column.name in _GENERAL):
            return True
        return self._printers() > 0

    def is_computer(self) -> bool:
        """Return whether it lists print queues as printers and has no rows of the Printer MIB."""
        of_printers = (*_GENERAL, "prtMarkerLifeCount")
        return is_computer(
            object_id=self._object_id(),
            description=self._text("sysDescr"),
            printers=self._printers(),
            has_printer_mib=any(column.cells for name in of_printers for column in self._named(name)),
        )

    def _printers(self) -> int:
        kinds = [cell for column in self._named("hrDeviceType") for cell in column.cells]
        return sum(
            cell.tag == OBJECT_IDENTIFIER and decode_oid(cell.value) == HR_DEVICE_PRINTER for cell in kinds
        )

    def _object_id(self) -> str:
        for cell in (cell for column in self._named("sysObjectID") for cell in column.cells):
            with suppress(BerError):
                return decode_oid(cell.value) if cell.tag == OBJECT_IDENTIFIER else ""
        return ""

    def printer(self, agent: Agent) -> FoundPrinter:
        return FoundPrinter(
            host=agent.host,
            port=agent.port,
            model=model_name(
                self._text("hrDeviceDescr"),
                self._text("sysDescr"),
                object_id=self._object_id(),
                device_id=next(filter(None, (self._text(column.name) for column in DEVICE_ID_COLUMNS)), None),
                serial_number=self._text("prtGeneralSerialNumber"),
            ),
            serial_number=self._text("prtGeneralSerialNumber"),
            mac=self._mac(),
            system_name=self._text("sysName") or self._text("prtGeneralPrinterName"),
            system_location=self._text("sysLocation"),
        )

    def _named(self, name: str) -> list[MibColumn]:
        return [column for column in self._columns if column.name == name]

    def _text(self, name: str) -> str | None:
        values = [cell.value for column in self._named(name) for cell in column.cells]
        return next((text for value in values if (text := readable(value, self._charset))), None)

    def _mac(self) -> str | None:
        values = [cell.value for column in self._named("ifPhysAddress") for cell in column.cells]
        usable = (v for v in values if len(v) == _MAC_OCTETS and any(v) and not v[0] & _GROUP_BIT)
        return next((value.hex(":") for value in usable), None)

    def _find_charset(self) -> int | None:
        """Return the charset of the current localization."""
        current = set(self._numbers("prtGeneralCurrentLocalization").values())
        sets = self._numbers("prtLocalizationCharacterSet")
        return next((sets[row] for row in sorted(current & sets.keys())), None)

    def _numbers(self, name: str) -> dict[int, int]:
        """Return the values of a column by the last arc of their row; what is no number is left out."""
        found = {}
        for cell in (cell for column in self._named(name) for cell in column.cells):
            with suppress(BerError):
                found[int(decode_oid(cell.oid).rpartition(".")[2])] = decode_integer(cell.value)
        return found

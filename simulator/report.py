"""Report the life of a printer of a shape as values of its objects."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from core.contract import ber
from core.contract.mib_names import OID
from core.contract.printer_mib import SOME_REMAINING
from simulator.conditions import KINDS, SimulatedCondition, conditions
from simulator.life import Life
from simulator.recording import Arcs, arcs_of, text
from simulator.shape import Shape, SimulatedSupply, TrayPart

_RUNNING, _WARNING, _DOWN = 2, 3, 5  # hrDeviceStatus
_OTHER, _IDLE, _PRINTING, _WARMUP = 1, 3, 4, 5  # hrPrinterStatus
_COVER_OPEN, _COVER_CLOSED, _INTERLOCK_OPEN = 3, 4, 5
_BITS_OF_ONE_OCTET: Final = 8
_CRITICAL: Final = 3
_GENERAL_PRINTER, _MARKER, _ALERT_GROUP = 5, 10, 18  # prtAlertGroup
_NOT_NEEDED: Final = 7  # prtAlertTrainingLevel noInterventionRequired
_POWER_SAVER, _READY, _COLD, _REMOVAL = 23, 507, 1001, 1801  # prtAlertCode
_ALERT_COLUMNS: Final = (
    "prtAlertSeverityLevel",
    "prtAlertTrainingLevel",
    "prtAlertGroup",
    "prtAlertGroupIndex",
    "prtAlertLocation",
    "prtAlertCode",
)


class SimulatedAlert(NamedTuple):
    """A row of prtAlertTable: what it is about and its numbers in the order of _ALERT_COLUMNS."""

    kind: str
    part_row: int
    numbers: tuple[int, ...]
    words: str


class SimulatedReport:
    """The values one printer shows; it remembers the alert table, whose indexes only grow."""

    def __init__(self, life: Life, base_uptime: int = 0, ticks_per_second: float = 100.0) -> None:
        self.life = life
        self._base_uptime = base_uptime
        self._ticks_per_second = ticks_per_second
        self._boots = life.boots
        self._alerts: dict[SimulatedAlert, tuple[int, int]] = {}
        self._last_index = 0

    def values(self) -> dict[Arcs, bytes]:
        """Return every value that can change, as it is now; alert rows that are gone are not among them."""
        wrong = conditions(self.life)
        found: dict[str, bytes] = {}
        found.update(self._status(wrong))
        found.update(self._parts())
        found.update(self._console(wrong))
        if self.life.shape.manner.alerts:
            found.update(self._alert_table(wrong))
        values = {_arcs(name): value for name, value in found.items()}
        values.update(self.life.shape.counting.at(self.life.stock.pages))
        return values

    def uptime(self) -> tuple[Arcs, bytes]:
        """Return sysUpTime, which always changes."""
        return _arcs("sysUpTime.0"), ber.encode_integer(self._ticks(), ber.TIME_TICKS)

    def _ticks(self) -> int:
        since_boot = (self.life.now - self.life.booted_at) * self._ticks_per_second
        return (int(since_boot) + (0 if self.life.boots else self._base_uptime)) % 2**32

    def _status(self, wrong: tuple[SimulatedCondition, ...]) -> Iterator[tuple[str, bytes]]:
        life, manner, device = self.life, self.life.shape.manner, self.life.shape.device
        usual = {"printing": _PRINTING, "warming_up": _WARMUP, "asleep": _OTHER, "idle": _IDLE}[life.mode]
        if any(one.critical for one in wrong):
            status = _DOWN, _OTHER
        elif wrong and life.mode != "asleep":
            status = manner.low_status, usual
        else:
            status = _RUNNING, usual
        yield f"hrDeviceStatus.{device}", ber.encode_integer(status[0])
        yield f"hrPrinterStatus.{device}", ber.encode_integer(status[1])
        bits = ber.encode_tlv(ber.OCTET_STRING, error_octets(wrong, manner.error_octets))
        yield f"hrPrinterDetectedErrorState.{device}", bits

    def _parts(self) -> Iterator[tuple[str, bytes]]:
        life, shape = self.life, self.life.shape
        device = shape.device
        for supply, left in zip(shape.supplies, life.stock.left, strict=True):
            level = supply_level(shape, supply, left)
            yield f"prtMarkerSuppliesLevel.{device}.{supply.row}", ber.encode_integer(level)
        for at, (tray, sheets) in enumerate(zip(shape.trays, life.stock.sheets, strict=True)):
            level = 0 if at == life.stock.missing_tray else tray_level(shape, tray, sheets)
            yield f"prtInputCurrentLevel.{device}.{tray.row}", ber.encode_integer(level)
        for row, (_, room) in shape.output_trays.items():
            full = life.output_full and row == min(shape.output_trays)
            remaining = ber.encode_integer(0 if full else room)
            yield f"prtOutputRemainingCapacity.{device}.{row}", remaining
        opened = _COVER_OPEN if shape.cover_closed == _COVER_CLOSED else _INTERLOCK_OPEN
        for at, row in enumerate(shape.covers):
            status = opened if at == life.open_cover else shape.cover_closed
            yield f"prtCoverStatus.{device}.{row}", ber.encode_integer(status)
        # Some agents count in an INTEGER: the recording's type stays.
        count = _arcs(f"prtMarkerLifeCount.{device}.1")
        yield f"prtMarkerLifeCount.{device}.1", ber.encode_integer(life.stock.pages, shape.values[count][0])

    def _console(self, wrong: tuple[SimulatedCondition, ...]) -> Iterator[tuple[str, bytes]]:
        life, manner = self.life, self.life.shape.manner
        words = manner.text("ready" if life.mode == "idle" else life.mode)
        if wrong and life.mode != "asleep":
            words = manner.text(wrong[0].kind, wrong[0].part)
        for at, row in enumerate(life.shape.console_rows):
            line = text(words if at == 0 else "", manner.encoding)
            yield f"prtConsoleDisplayBufferText.{life.shape.device}.{row}", line

    def _alert_table(self, wrong: tuple[SimulatedCondition, ...]) -> Iterator[tuple[str, bytes]]:
        self._keep_rows({*map(self._row, wrong), *self._other_rows()})
        device, encoding = self.life.shape.device, self.life.shape.manner.encoding
        for row, (index, ticks) in self._alerts.items():
            for column, number in zip(_ALERT_COLUMNS, row.numbers, strict=True):
                yield f"{column}.{device}.{index}", ber.encode_integer(number)
            yield f"prtAlertDescription.{device}.{index}", text(row.words, encoding)
            yield f"prtAlertTime.{device}.{index}", ber.encode_integer(ticks, ber.TIME_TICKS)

    def _keep_rows(self, rows: set[SimulatedAlert]) -> None:
        if self._boots != self.life.boots:
            self._boots = self.life.boots
            self._alerts.clear()
            self._last_index = 0
        mended = any(row.kind in KINDS and row not in rows for row in self._alerts)
        if mended and self.life.shape.manner.removal_alert:
            rows = {row for row in rows if row.kind != "removal"}
            rows.add(self._bookkeeping("removal", _ALERT_GROUP, self._last_index, _REMOVAL))
        self._alerts = {row: kept for row, kept in self._alerts.items() if row in rows}
        for row in sorted(rows - self._alerts.keys()):
            self._last_index += 1
            self._alerts[row] = self._last_index, self._ticks()

    def _row(self, condition: SimulatedCondition) -> SimulatedAlert:
        manner, kind = self.life.shape.manner, KINDS[condition.kind]
        severity = _CRITICAL if condition.critical else manner.warning_severity
        numbers = (severity, kind.training, kind.group, condition.row, condition.row * 100, condition.code)
        return SimulatedAlert(
            condition.kind, condition.row, numbers, manner.text(condition.kind, condition.part)
        )

    def _other_rows(self) -> Iterator[SimulatedAlert]:
        manner = self.life.shape.manner
        if manner.ready_alert:
            yield self._bookkeeping("ready", _GENERAL_PRINTER, -1, _READY)
        if manner.sleep_alert and self.life.mode == "asleep":
            yield self._bookkeeping("asleep", _GENERAL_PRINTER, -1, _POWER_SAVER)
        if manner.cold_alert and self.life.mode == "asleep":
            cold = self._bookkeeping("cold", _MARKER, 1, _COLD)
            yield from (cold._replace(part_row=again) for again in (1, 2))
        yield from (row for row in self._alerts if row.kind == "removal")

    def _bookkeeping(self, kind: str, group: int, index: int, code: int) -> SimulatedAlert:
        manner = self.life.shape.manner
        severity = manner.warning_severity if kind in ("asleep", "cold") else 1
        return SimulatedAlert(kind, index, (severity, _NOT_NEEDED, group, index, -2, code), manner.text(kind))


def supply_level(shape: Shape, supply: SimulatedSupply, left: float) -> int:
    """Return prtMarkerSuppliesLevel at that share; one recorded without a measure never has one."""
    if supply.max_capacity <= 0 or supply.level < 0:
        used_up = shape.manner.zero_when_empty and left <= 0 and not supply.is_waste
        return 0 if used_up else supply.level
    if supply.is_waste and shape.manner.waste == "fill":
        left = 1.0 - left
    level = left * supply.max_capacity
    step = shape.manner.supply_step if not supply.is_waste else 1
    return min(supply.max_capacity, -int(-level // step) * step)


def tray_level(shape: Shape, tray: TrayPart, sheets: int) -> int:
    """Return what prtInputCurrentLevel says with so many sheets in it."""
    if tray.level == SOME_REMAINING:
        return SOME_REMAINING if sheets else 0
    if tray.level < 0:
        return tray.level
    step = shape.manner.tray_step
    return min(tray.capacity, -(-sheets // step) * step)


def error_octets(wrong: tuple[SimulatedCondition, ...], octets: int) -> bytes:
    """Return hrPrinterDetectedErrorState: bit 0 is the highest of the first octet."""
    bits = {one.bit for one in wrong if one.bit is not None}
    size = octets or (1 if bits else 0)
    number = sum(1 << (size * 8 - 1 - bit) for bit in bits if bit < size * _BITS_OF_ONE_OCTET)
    return number.to_bytes(size, "big")


def identity(shape: Shape, names: Mapping[str, str]) -> dict[Arcs, bytes]:
    """Return the values that tell one printer of a shape from another: object name to text."""
    rows = {"sysName": "0", "sysLocation": "0", "prtGeneralSerialNumber": str(shape.device)}
    return {
        _arcs(f"{name}.{rows[name]}"): text(words, shape.manner.encoding) for name, words in names.items()
    }


@lru_cache(maxsize=16384)
def _arcs(instance: str) -> Arcs:
    name, _, index = instance.partition(".")
    return (*arcs_of(OID[name]), *map(int, index.split(".")))

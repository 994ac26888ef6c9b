"""Draw one printer: a sentence, its flags, supplies as bars, trays, alerts, facts. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from console.terminal import STYLES, foreign, mark
from core.contract.messages import InputTray, PrinterState, Reading, Supply
from core.contract.mib_names import OID
from core.contract.printer_mib import LEVEL_SOURCE, RECEPTACLE
from core.contract.vendor_objects import VENDOR_COLUMN_OID
from core.domain.media_names import media_name
from core.domain.units import lasting
from core.domain.wording import AT_ZERO, COUNTERS, subunit_words, word

_BAR: Final = 20
_LOW: Final = 15
_CRITICAL: Final = 5
_FIXERS: Final = {
    "anyone": "anyone can fix it",
    "technician": "for a technician",
    "vendor": "for the vendor",
}
_LEVELS: Final = {
    "some_remaining": "some left",
    "unlimited": "not limited",
    "unknown": "not measured",
}


def judged_view(state: PrinterState, address: str, console: Console) -> RenderableType:
    """Return the state of a printer for a person."""
    parts: list[RenderableType] = [
        _identity(state, address),
        _sentence(state, console),
        *_gaps(state, console),
    ]
    parts += [table for table in (_flags(state, console),) if table.row_count]
    for title, table in (
        ("Supplies", _supplies(state, console)),
        ("Trays", _trays(state, console)),
        ("Output trays", _output_trays(state, console)),
        ("Page counters", _counters(state)),
        ("Alerts, as the printer words them", _alerts(state)),
        ("Facts", _facts(state)),
    ):
        if table.row_count:
            parts += [Text(), Text(title, style="bold"), table]
    return Group(*parts)


def raw_lines(reading: Reading) -> Iterator[Text]:
    """Yield every varbind by its MIB name, one a line, then how each table went."""
    names = {oid: name for name, oid in (*OID.items(), *VENDOR_COLUMN_OID.items())}
    for oid, value in reading.varbinds.items():
        yield Text.assemble((_mib_name(oid.lstrip("."), names), "cyan"), " = ", foreign(_value(value)))
    tables = ", ".join(f"{table} {status}" for table, status in reading.tables.items())
    outcome = "answered" if reading.reachable else f"did not answer: {reading.error}"
    yield foreign(f"{len(reading.varbinds)} values in {reading.duration_ms} ms; {outcome}", "bold")
    yield foreign(tables, "dim")


def _identity(state: PrinterState, address: str) -> Text:
    title = foreign(state.model or state.system_name or "A printer", "bold")
    title.append(f" at {address}", "dim")
    if state.serial_number:
        title.append(" ").append_text(foreign(f"· serial {state.serial_number}", "dim"))
    return title


def _sentence(state: PrinterState, console: Console) -> Text:
    """Return what is wrong in one sentence."""
    if not state.reachable:
        reason = state.error or "no answer"
        return foreign(f"{mark(console, 'critical')} It does not answer: {reason}", STYLES["critical"])
    unknown = state.state == "unknown"
    words = "It reports no status" if unknown else str(state.state).replace("_", " ").capitalize()
    flags = state.attention
    if not flags and _gaps_in(state):
        return Text(
            f"{mark(console, 'info')} {words}, nothing is wrong in what it shows.", style=STYLES["info"]
        )
    if not flags:
        return Text(f"{mark(console, 'ok')} {words}, nothing is wrong.", style=STYLES["ok"])
    more = f" And {len(flags) - 1} more." if len(flags) > 1 else ""
    severity = state.severity or "info"
    first = flags[0].message.removesuffix(".")
    return foreign(f"{mark(console, severity)} {words}: {first}.{more}", STYLES[severity])


def _gaps(state: PrinterState, console: Console) -> list[Text]:
    """Return what is not known of the printer."""
    return [foreign(f"{mark(console, 'info')} {gap}", STYLES["info"]) for gap in _gaps_in(state)]


def _gaps_in(state: PrinterState) -> Sequence[str]:
    return state.gaps if state.reachable else ()


def _flags(state: PrinterState, console: Console) -> Table:
    table = _rows()
    for flag in state.attention if state.reachable else ():
        severity = flag.severity
        evidence = ", ".join(f"{e.object}.{e.index} = {e.value}" for e in flag.evidence[:3])
        about = ", ".join(filter(None, (_FIXERS.get(flag.fixer, flag.fixer), evidence)))
        table.add_row(
            Text(f"  {mark(console, severity)} {severity}", style=STYLES[severity]),
            foreign(flag.message).append("\n").append_text(foreign(about, "dim")),
        )
    return table


def _supplies(state: PrinterState, console: Console) -> Table:
    table = _rows_with_bars()
    for supply in state.supplies:
        kind = str(supply.supply_type or "supply").replace("_", " ")
        filled = supply.supply_class == RECEPTACLE
        name = supply.description or " ".join(filter(None, (supply.colorant, kind)))
        table.add_row(
            Text(f"  {supply.index}", style="dim"),
            foreign(name),
            *_level(supply, console, colored=not filled),
            foreign(", ".join(_about(supply, kind)), "dim"),
        )
    return table


def _about(supply: Supply, kind: str) -> Iterator[str]:
    yield kind
    if supply.supply_class == RECEPTACLE:
        yield "level as reported"
    if supply.source != LEVEL_SOURCE:
        yield f"by {supply.source}"
    if supply.pages_left is not None:
        yield f"{supply.pages_left:,} pages left"


def _trays(state: PrinterState, console: Console) -> Table:
    table = _rows_with_bars()
    for tray in state.input_trays:
        table.add_row(
            Text(f"  {tray.index}", style="dim"),
            foreign(tray.name or tray.description or "tray"),
            *_level(tray, console, colored=False),
            foreign(media_name(tray.media_name), "dim"),
        )
    return table


def _output_trays(state: PrinterState, console: Console) -> Table:
    table = _rows_with_bars()
    for tray in state.output_trays:
        room = tray.remaining_percent
        filled = InputTray(
            index=tray.index,
            level_percent=None if room is None else 100 - room,
            level_state=tray.level_state,
            max_capacity=tray.max_capacity,
        )
        drawn, said = _level(filled, console, colored=False)
        words = f"room for {tray.remaining} of {tray.max_capacity}" if room is not None else ""
        words = words or ("some room left" if tray.level_state == "some_remaining" else "")
        table.add_row(
            Text(f"  {tray.index}", style="dim"),
            foreign(tray.name or tray.description or "output tray"),
            drawn,
            Text(words) if words else said,
            Text(subunit_words(tray.status), style="dim"),
        )
    return table


def _counters(state: PrinterState) -> Table:
    table = _rows()
    for counter in state.counters:
        count = Text(f"{counter.count:,}", justify="right")
        about = foreign(f"by {counter.source}", "dim")
        table.add_row(Text(f"  {word(COUNTERS, counter.name)}"), count, foreign(counter.unit), about)
    return table


def _level(row: Supply | InputTray, console: Console, *, colored: bool) -> tuple[Text, Text]:
    """Return the bar and the words of a level; no bar where nothing is measured."""
    percent = row.level_percent
    if percent is None:
        at_zero = row.level == 0 and row.max_capacity != 0
        said = AT_ZERO if at_zero else _LEVELS.get(row.level_state, row.level_state)
        return Text(), Text(said, style="dim")
    full = round(percent * _BAR / 100)
    style = "cyan"
    if colored:
        style = "red" if percent <= _CRITICAL else "yellow" if percent <= _LOW else "green"
    bar = Text(mark(console, "bar") * full, style=style)
    bar.append(mark(console, "rest") * (_BAR - full), style="dim")
    return bar, Text(f"{percent} %")


def _alerts(state: PrinterState) -> Table:
    table = _rows()
    for alert in state.alerts:
        table.add_row(
            Text(f"  {str(alert.severity or '').replace('_', ' ')}"),
            foreign(alert.description or ""),
            foreign(" ".join(filter(None, (alert.group, alert.code))).replace("_", " "), "dim"),
        )
    return table


def _facts(state: PrinterState) -> Table:
    table = _rows()
    for name, value in _known_facts(state):
        if value:
            table.add_row(Text(f"  {name}", style="dim"), foreign(value))
    return table


def _known_facts(state: PrinterState) -> Iterator[tuple[str, str]]:
    yield "panel", state.console_text or ""
    unit = str(state.counter_unit or "").replace("_", " ")
    if state.marker_life_count is not None:
        yield "life count", f"{state.marker_life_count:,} {unit}".strip()
    statuses = (("device", state.device_status), ("printer", state.printer_status))
    yield "status", ", ".join(f"{what} {status}" for what, status in statuses if status)
    yield "error bits", ", ".join(state.detected_errors).replace("_", " ")
    covers = [f"{cover.description or cover.index} {cover.status}" for cover in state.covers]
    yield "covers", ", ".join(covers).replace("_", " ")
    yield "firmware", state.firmware or ""
    yield "name", state.system_name or ""
    yield "description", state.system_description or ""
    yield "location", state.system_location or ""
    if state.uptime_ticks is not None:
        yield "up for", lasting(state.uptime_ticks / 100, brief=True)
    yield "incomplete", ", ".join(state.incomplete_tables)


def _rows() -> Table:
    return Table.grid(padding=(0, 2))


def _rows_with_bars() -> Table:
    """Return rows with bars; where the line is short it is the words that are folded, never the bar."""
    table = _rows()
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(min_width=_BAR, no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _mib_name(oid: str, names: Mapping[str, str]) -> str:
    """Return `prtMarkerSuppliesLevel.1.2` for an OID below an object we know."""
    end = len(oid)
    while end > 0:
        if oid[:end] in names:
            return names[oid[:end]] + oid[end:]
        end = oid.rfind(".", 0, end)
    return oid


def _value(value: int | str) -> str:
    """Return a number, an OID, or octets: as text where they are text, else as hex."""
    if isinstance(value, int) or value.startswith("."):
        return str(value)
    octets = bytes.fromhex(value)
    try:
        text = octets.rstrip(b"\x00").decode()
    except UnicodeDecodeError:
        text = ""
    return (
        f'"{text}"' if text.strip() and text.isprintable() else f"hex {octets.hex(' ')}" if octets else '""'
    )

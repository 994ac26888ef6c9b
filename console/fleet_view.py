"""Draw the fleet: a line of numbers and a table of printers, worst first, in words and colors. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from console.called import as_called
from console.fleet import KINDS, FleetStatus, kind_of
from console.terminal import STYLES, foreign, mark
from core.contract.printer_mib import RECEPTACLE
from core.domain.conditions import UNREACHABLE
from core.domain.health import HEALTHS
from core.domain.mutes import is_supply_muted
from core.domain.units import ago, clock, counted, lasting, moment
from core.domain.wording import STATES, within_line, word
from core.storage.fleet_states import FleetState
from core.storage.out_of_service import OutOfService
from core.storage.services import Heartbeat, newest

_STATE_STYLES: Final = {
    "idle": "green",
    "printing": "green",
    "warming_up": "green",
    "asleep": "blue",
    "stopped": "bold red",
    "unreachable": "bold red",
    "unknown": "dim",
}
_MESSAGES: Final = 4
_WIDE: Final = 100
_WIDER: Final = 130
"""Where there is room for the place, too, which the usual name repeats."""
_SUPPLY_WIDTH: Final = 18
_HEALTH_WIDTH: Final = 11
_AGE_WIDTH: Final = 6
_NAME_WIDTH: Final = 22
_HEADLINES: Final = 4
"""Lines of `status --watch` beside headline and rows: a blank one, titles, what is left, the cursor's."""


def render(fleet: FleetStatus, console: Console, lines: int | None = None) -> RenderableType:
    """Return the picture of `status`; `lines` is the height it must fit into."""
    if not fleet.watched:
        return nothing(fleet)
    head = [headline(fleet, console), *_silence(fleet, console), Text()]
    if lines is not None:
        used = sum(len(line.wrap(console, console.width)) for line in head[:-1])
        lines = max(1, lines - _HEADLINES - used)
    return Group(*head, printers(fleet, console, lines))


def printers(
    fleet: FleetStatus, console: Console, lines: int | None = None, *, titles: bool = True
) -> RenderableType:
    """Return the printers, one a line where `lines` are few, and how many are left out."""
    if not fleet.matching:
        read = any(fleet.kinds.get(kind) for kind in KINDS if kind != "new")
        words = "Nothing needs attention." if read else "No printer has been reached yet."
        return Text(words, style="green" if read else "dim")
    shown = fleet.printers[:lines]
    table = _table(shown, fleet.at, console, compact=lines is not None)
    table.show_header = titles
    if left := fleet.matching - len(shown):
        return Group(table, Text(f"... and {counted(left, 'more printer')}", style="dim"))
    return table


def nothing(fleet: FleetStatus) -> Text:
    """Return what to do where there are no printers to show."""
    if fleet.site is not None and fleet.total:
        return Text(f"There is no enabled printer at the site {fleet.site}.", style="yellow")
    if fleet.total:
        hidden = f"All {counted(fleet.total, 'printer')} are disabled: `printers export` shows them."
        return Text(as_called(hidden))
    return Text(
        as_called(
            "There are no printers yet: take yours in with `printers import FILE.csv` or "
            "`printers add HOST`, or watch a simulated fleet with `printers demo`."
        )
    )


def headline(fleet: FleetStatus, console: Console) -> Text:
    """Return the fleet in numbers: how many printers are of which kind, and in which state."""
    return Text(" · ", "dim").join([*headline_parts(fleet, console), Text(f"as of {clock(fleet.at)}", "dim")])


def headline_parts(fleet: FleetStatus, console: Console) -> list[Text]:
    """Return the numbers of the headline, those first that matter most."""
    where = f" at {fleet.site}" if fleet.site is not None else ""
    parts = [Text.assemble((counted(fleet.watched, "printer"), "bold"), where)]
    parts += [
        Text(f"{_mark(console, kind)} {fleet.kinds[kind]} {within_line(HEALTHS[kind])}", _style(kind))
        for kind in KINDS
        if fleet.kinds.get(kind)
    ]
    if fleet.states:
        states = sorted(fleet.states.items(), key=lambda item: -item[1])
        words = ", ".join(f"{count} {within_line(word(STATES, name))}" for name, count in states)
        parts.append(Text(words, "dim"))
    if fleet.disabled:
        parts.append(Text(f"{fleet.disabled} disabled", "dim"))
    return parts


def _silence(fleet: FleetStatus, console: Console) -> list[Text]:
    """Return which services are silent: what is shown is then old, whatever it looks like."""
    found = []
    processor = newest(fleet.services, "processor")
    if processor is None or processor.is_silent(fleet.at):
        # It is the processor that writes the heartbeats of all: without it nothing is known of others.
        found.append(("processor", processor))
    else:
        collector = newest(fleet.services, "collector", fleet.site)
        if collector is None or collector.is_silent(fleet.at):
            found.append(("collector", collector))
    return [_silent(name, heartbeat, fleet.at, console) for name, heartbeat in found]


def _silent(name: str, heartbeat: Heartbeat | None, now: datetime, console: Console) -> Text:
    since = (
        "has never reported"
        if heartbeat is None
        else f"has been silent for {lasting(_age(heartbeat, now), brief=True)}"
    )
    mend = as_called("`printers up` runs it.")
    text = f"{mark(console, 'warning')} The {name} {since}: nothing new comes in. {mend}"
    return Text(text, style=STYLES["warning"])


def _age(heartbeat: Heartbeat, now: datetime) -> float:
    return (now - heartbeat.seen_at).total_seconds()


def _table(states: Sequence[FleetState], now: datetime, console: Console, *, compact: bool) -> Table:
    wide, wider = console.width >= _WIDE, console.width >= _WIDER
    # On a line of 80 columns a sentence is whole only without the columns that it makes superfluous.
    whole = wide or not compact
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True, padding=(0, 2, 0, 0))
    # Whole in any case, over two lines where they are not counted: it is what one looks for first.
    table.add_column("", no_wrap=wide or compact, max_width=None if wide or compact else _HEALTH_WIDTH)
    # The end of a name tells it from its neighbors'; where lines are counted, it is cut all the same.
    table.add_column(
        "printer",
        ratio=3 if whole else None,
        max_width=None if whole else _NAME_WIDTH,
        no_wrap=compact,
        overflow="ellipsis" if compact else "fold",
    )
    if wider:
        table.add_column("place", ratio=3, no_wrap=True, overflow="ellipsis")
    if wide:
        table.add_column("state", no_wrap=True)
    table.add_column("what is wrong", ratio=6)
    if wide:
        table.add_column("lowest supply", no_wrap=True, width=_SUPPLY_WIDTH, overflow="ellipsis")
    if whole:
        table.add_column("read", no_wrap=True, justify="right")
    for state in states:
        kind = kind_of(state)
        cells: list[RenderableType] = [
            Text(f"{_mark(console, kind)} {within_line(HEALTHS[kind])}", style=_style(kind)),
            foreign(state.latest.name, "bold" if kind != "ok" else ""),
            *([foreign(state.latest.location or "", "dim")] if wider else []),
            *([_state(state)] if wide else []),
            _attention(state, now, compact=compact, brief=not whole),
            *([_lowest_supply(state)] if wide else []),
            *([_read(state, now)] if whole else []),
        ]
        table.add_row(*cells)
    return table


def _state(state: FleetState) -> Text:
    name = str(state.latest.state)
    words = within_line(word(STATES, name))
    if state.stale:
        return Text(
            "no reading" if state.latest.taken_at is None else f"was {words}", style=STYLES["warning"]
        )
    if state.latest.taken_at is None:
        return Text("not asked yet", style="dim")
    if not state.reached:
        return Text()
    return Text(words, style=_STATE_STYLES.get(name, ""))


def _attention(state: FleetState, now: datetime, *, compact: bool, brief: bool) -> Table:
    """Return the flags with their ages, then what is unknown; where space is short the first alone."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, justify="right", width=_AGE_WIDTH)
    grid.add_column(overflow="fold")
    if state.out_of_service:
        _add_out_of_service(grid, state.out_of_service, now, compact=compact)
        return grid
    flags = state.latest.attention
    shown = flags[: 1 if compact else _MESSAGES]
    more = len(flags) - len(shown)
    for flag in shown:
        since = flag.since_at
        message = foreign(flag.message, STYLES.get(flag.severity, ""))
        if compact:  # said of the text, not of its column, which is the one that may shrink
            message.no_wrap, message.overflow = True, "ellipsis"
        if compact and more:
            message = Text.assemble(
                (f"(+{more}) " if brief else f"{len(flags)} things: ", "dim"),
                message,
                no_wrap=True,
                overflow="ellipsis",
            )
        grid.add_row(
            Text(lasting((now - since).total_seconds(), brief=True) if since else "", style="dim"), message
        )
    if more and not compact:
        grid.add_row("", Text(f"+{more} more", style="dim"))
    for unknown in _unknown(state)[: 1 - len(shown) if compact else None]:
        told = foreign(unknown, "dim")
        if compact:
            told.no_wrap, told.overflow = True, "ellipsis"
        grid.add_row("", told)
    return grid


def _unknown(state: FleetState) -> Sequence[str]:
    """Return why nothing is known of the printer now, else what is not known of it."""
    latest = state.latest
    failed = latest.reachable is False and latest.state != UNREACHABLE
    return (latest.error,) if failed and latest.error else latest.gaps


def _add_out_of_service(grid: Table, out: OutOfService, now: datetime, *, compact: bool) -> None:
    """Tell why it is out of service instead of what it reports."""
    zone = now.astimezone().tzinfo or UTC
    until = f", until {moment(out.until_at, zone)}" if out.until_at else ""
    told = foreign(f"Out of service: {out.note}{until}", "dim")
    if compact:
        told.no_wrap, told.overflow = True, "ellipsis"
    grid.add_row(Text(lasting((now - out.since_at).total_seconds(), brief=True), style="dim"), told)


def _lowest_supply(state: FleetState) -> Text:
    """Return the consumable nearest to its end; what a receptacle's level means is not known."""
    told = [supply for supply in state.latest.supplies if not is_supply_muted(state.mutes, supply.index)]
    measured = [
        supply for supply in told if supply.level_percent is not None and supply.supply_class != RECEPTACLE
    ]
    if not measured:
        some = any(supply.level_state == "some_remaining" for supply in told)
        return Text("some left" if some else "", style="dim")
    lowest = min(measured, key=lambda supply: supply.level_percent or 0)
    name = lowest.colorant or lowest.description or str(lowest.supply_type).replace("_", " ")
    return foreign(f"{lowest.level_percent:>3} % {name}")


def _read(state: FleetState, now: datetime) -> Text:
    """Return when it was last read; of a printer that does not answer, when it last answered."""
    answers = state.latest.taken_at is None or state.latest.reachable
    at = state.latest.taken_at if answers else state.latest.answered_at
    return Text(ago(at, now, brief=True), style=STYLES["warning"] if state.stale else "dim")


def _mark(console: Console, kind: str) -> str:
    return mark(console, {"stale": "quiet", "new": "quiet", "out": "quiet"}.get(kind, kind))


def _style(kind: str) -> str:
    return STYLES[{"stale": "warning", "new": "quiet", "out": "quiet"}.get(kind, kind)]

"""How the fleet looks: a table of printers, worst first, in words and colours; pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from console.terminal import STYLES, foreign, mark
from core.contract.printer_mib import RECEPTACLE
from core.domain.units import ago, clock, counted, lasting
from core.storage.fleet_states import FleetState, ServiceLife, newest

_STATE_STYLES: Final = {
    "idle": "green",
    "printing": "green",
    "warming_up": "green",
    "asleep": "blue",
    "stopped": "bold red",
    "unreachable": "bold red",
    "unknown": "dim",
}
_RANKS: Final = {"critical": 0, "stale": 1, "warning": 2, "info": 3, "new": 4, "ok": 5}
_MESSAGES: Final = 4
_WIDE: Final = 100
_WIDER: Final = 130
"""Where there is room for the location, too, which the usual name repeats."""
_SUPPLY_WIDTH: Final = 18
_AGE_WIDTH: Final = 6
_HEADLINES: Final = 6
"""Lines of a screen that are not rows."""


@dataclass(frozen=True)
class View:
    """What one picture shows."""

    at: datetime
    states: Sequence[FleetState]
    services: Sequence[ServiceLife]
    watched: int
    total: int
    disabled: int
    site: str | None = None
    only_attention: bool = False


def sort_worst_first(states: Sequence[FleetState]) -> list[FleetState]:
    """Critical, stale, warning, info, new, ok; within them by name."""
    return sorted(states, key=lambda s: (_RANKS[kind_of(s)], str(s["name"]).casefold(), s["printer_id"]))


def kind_of(state: FleetState) -> str:
    """critical, stale, warning, info, new or ok: neither what is stale nor what was never read is ok."""
    if state["severity"] == "critical":
        return "critical"
    if state["stale"]:
        return "stale"
    return "new" if state["taken_at"] is None else state["severity"] or "ok"


def render(view: View, console: Console, lines: int | None = None) -> RenderableType:
    """The whole picture; `lines` is the height it must fit into."""
    if not view.watched:
        return _nothing(view)
    parts: list[RenderableType] = [_headline(view, console), *_silence(view, console), Text()]
    states = view.states
    if lines is not None:
        states = states[: max(1, lines - _HEADLINES - len(_silence(view, console)))]
    if states:
        parts.append(_table(view, states, console, compact=lines is not None))
    else:
        parts.append(Text("Nothing needs attention.", style="green"))
    if len(states) < len(view.states):
        parts.append(Text(f"... and {counted(len(view.states) - len(states), 'more printer')}", style="dim"))
    return Group(*parts)


def _nothing(view: View) -> Text:
    if view.site is not None and view.total:
        return Text(f"There is no enabled printer at the site {view.site}.", style="yellow")
    if view.total:
        return Text(f"All {counted(view.total, 'printer')} are disabled: `printers export` shows them.")
    return Text(
        "There are no printers yet: take yours in with `printers import FILE.csv` or `printers add HOST`, "
        "or watch a simulated fleet with `printers demo`."
    )


def _headline(view: View, console: Console) -> Text:
    kinds = Counter(kind_of(state) for state in view.states)
    line = Text.assemble((counted(view.watched, "printer"), "bold"))
    if view.site is not None:
        line.append(f" at {view.site}")
    for kind in _RANKS:
        if kinds[kind]:
            line.append(" · ", "dim")
            line.append(f"{_mark(console, kind)} {kinds[kind]} {kind}", _style(kind))
    states = Counter(state["state"] for state in view.states if not state["stale"])
    if states and not view.only_attention:
        line.append(" · ", "dim")
        line.append(", ".join(f"{n} {name.replace('_', ' ')}" for name, n in states.most_common()), "dim")
    if view.disabled:
        line.append(f" · {view.disabled} disabled", "dim")
    line.append(f" · as of {clock(view.at)}", "dim")
    return line


def _silence(view: View, console: Console) -> list[Text]:
    """Which services say nothing: what is shown is then old news, whatever it looks like."""
    found = []
    processor = newest(view.services, "processor")
    if processor is None or processor.is_silent(view.at):
        # It is the processor that writes the heartbeats of all: without it nothing is known of others.
        found.append(("processor", processor))
    else:
        collector = newest(view.services, "collector", view.site)
        if collector is None or collector.is_silent(view.at):
            found.append(("collector", collector))
    return [_silent(name, life, view.at, console) for name, life in found]


def _silent(name: str, life: ServiceLife | None, now: datetime, console: Console) -> Text:
    since = (
        "has never reported"
        if life is None
        else f"has been silent for {lasting(_age(life, now), brief=True)}"
    )
    text = f"{mark(console, 'warning')} The {name} {since}: nothing new comes in. `printers up` runs it."
    return Text(text, style=STYLES["warning"])


def _age(life: ServiceLife, now: datetime) -> float:
    return (now - life.seen_at).total_seconds()


def _table(view: View, states: Sequence[FleetState], console: Console, *, compact: bool) -> Table:
    wide, wider = console.width >= _WIDE, console.width >= _WIDER
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    # The end of a name tells it from its neighbours'; where lines are counted, it is cut all the same.
    table.add_column("printer", ratio=3, no_wrap=compact, overflow="ellipsis" if compact else "fold")
    if wider:
        table.add_column("location", ratio=3, no_wrap=True, overflow="ellipsis")
    table.add_column("state", no_wrap=True)
    table.add_column("what is wrong", ratio=6)
    if wide:
        table.add_column("lowest supply", no_wrap=True, width=_SUPPLY_WIDTH, overflow="ellipsis")
    table.add_column("read", no_wrap=True, justify="right")
    for state in states:
        kind = kind_of(state)
        cells: list[RenderableType] = [
            Text(f"{_mark(console, kind)} {kind}", style=_style(kind)),
            foreign(state["name"], "bold" if kind != "ok" else ""),
            *([foreign(state["location"] or "", "dim")] if wider else []),
            _state(state),
            _attention(state, view.at, compact=compact),
            *([_lowest_supply(state)] if wide else []),
            Text(_read(state, view.at), style=STYLES["warning"] if state["stale"] else "dim"),
        ]
        table.add_row(*cells)
    return table


def _state(state: FleetState) -> Text:
    name = str(state["state"])
    words = name.replace("_", " ")
    if state["stale"]:
        return Text("no reading" if state["taken_at"] is None else f"was {words}", style=STYLES["warning"])
    if state["taken_at"] is None:
        return Text("not asked yet", style="dim")
    return Text(words, style=_STATE_STYLES.get(name, ""))


def _attention(state: FleetState, now: datetime, *, compact: bool) -> Table:
    """The flags with their ages, then what is not known; in little room the first and how many more."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, justify="right", width=_AGE_WIDTH)
    grid.add_column(overflow="fold")
    flags = state["attention"]
    shown = flags[: 1 if compact else _MESSAGES]
    more = len(flags) - len(shown)
    for flag in shown:
        since = _time(flag["since_at"])
        message = foreign(flag["message"], STYLES.get(flag["severity"], ""))
        if compact:  # said of the text, not of its column, which is the one that may shrink
            message.no_wrap, message.overflow = True, "ellipsis"
        if compact and more:
            message = Text.assemble(
                (f"{len(flags)} things: ", "dim"), message, no_wrap=True, overflow="ellipsis"
            )
        grid.add_row(
            Text(lasting((now - since).total_seconds(), brief=True) if since else "", style="dim"), message
        )
    if more and not compact:
        grid.add_row("", Text(f"+{more} more", style="dim"))
    for gap in state.get("gaps", ())[: 1 - len(shown) if compact else None]:
        told = foreign(gap, "dim")
        if compact:
            told.no_wrap, told.overflow = True, "ellipsis"
        grid.add_row("", told)
    return grid


def _lowest_supply(state: FleetState) -> Text:
    """The consumable nearest to its end; what a receptacle's level means is not known."""
    measured = [
        supply
        for supply in state["supplies"]
        if supply["level_percent"] is not None and supply["supply_class"] != RECEPTACLE
    ]
    if not measured:
        some = any(supply["level_state"] == "some_remaining" for supply in state["supplies"])
        return Text("some left" if some else "", style="dim")
    lowest = min(measured, key=lambda supply: supply["level_percent"])
    name = lowest["colorant"] or lowest["description"] or str(lowest["supply_type"]).replace("_", " ")
    return foreign(f"{lowest['level_percent']:>3} % {name}")


def _read(state: FleetState, now: datetime) -> str:
    """When it was last read; of a printer that does not answer, when it last did."""
    if state["taken_at"] is None or state["reachable"]:
        return ago(_time(state["taken_at"]), now, brief=True)
    return ago(_time(state["answered_at"]), now, brief=True)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _mark(console: Console, kind: str) -> str:
    return mark(console, {"stale": "quiet", "new": "quiet"}.get(kind, kind))


def _style(kind: str) -> str:
    return STYLES[{"stale": "warning", "new": "quiet"}.get(kind, kind)]

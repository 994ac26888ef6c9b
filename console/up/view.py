"""The live view: services, the fleet, what needs attention, the newest log lines. Rendering only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.layout import Layout
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from console.called import as_called
from console.fleet import FleetStatus
from console.fleet_view import headline_parts, nothing, printers
from console.terminal import Fitting
from console.up.child import ChildStatus
from console.up.fleet_reader import FleetNow
from console.up.log_lines import LogLine
from console.up.styles import LEVELS, PHASES, log_text, service_style
from core.domain.units import counted, lasting, number
from core.domain.wording import STATES, within_line, word
from core.storage.services import Heartbeat, newest

_SHOWN_COUNTERS: Final = 5
_TELLING: Final = (
    "dropped",
    "queue_dropped",
    "history_dropped",
    "history_refused",
    "rejected",
    "refused",
    "unsaved",
    "behind_seconds",
    "resent",
    "readings",
    "printers",
    "unreachable",
    "lag_seconds",
)
_MOST_PRINTERS: Final = 8
_FEWEST_OF_BANNER: Final = 3
_FRAME: Final = 4
"""Columns of the banner's frame."""
_LABEL: Final = 9
"""Columns before what a line of the banner says: `Pages    `."""
_LINES_OF_OTHERS: Final = 11
"""Frame of the banner 2, fleet 3, attention 4, log 2."""


@dataclass(frozen=True)
class Scene:
    """All that one picture shows."""

    title: str
    banner: Sequence[str]
    children: Sequence[ChildStatus]
    now: FleetNow
    lines: Sequence[LogLine]
    clock: float
    """time.monotonic(), to which the children's times are relative."""
    up_since: float
    stopping: bool = False


def render(scene: Scene, console: Console, height: int) -> RenderableType:
    """Return the whole picture for a terminal of so many lines."""
    count, fleet = len(scene.children), scene.now.fleet
    width = console.width - _FRAME
    banner = _banner(scene.banner, console, width, height - (count + 1) - _LINES_OF_OTHERS)
    top = len(banner) + 2
    spare = height - top - (count + 1) - 3
    room = max(1, min(_MOST_PRINTERS, spare // 2))
    lines = max(1, len(fleet.printers) if fleet.matching <= room else room - 1)
    shown = lines + (fleet.matching > lines)
    left = max(1, spare - (shown + 1) - 1)
    parts = [
        Layout(_header(scene, banner), size=top),
        Layout(_section("Services", _services(scene)), size=count + 1),
        Layout(_section("Fleet", _indented(_fleet(scene.now, console))), size=3),
        Layout(
            _section("Attention", _indented(printers(fleet, console, lines, titles=False))), size=shown + 1
        ),
        Layout(_section("Log", _log(scene.lines, console, left)), ratio=1, minimum_size=2),
    ]
    layout = Layout()
    layout.split_column(*parts)
    return layout


def _banner(lines: Sequence[str], console: Console, width: int, room: int) -> list[Text]:
    """Return the first lines where there is no room for all: what needs somebody must stay in sight.

    One that is too long goes on below, by words.
    """
    room = max(_FEWEST_OF_BANNER, room)
    wrapped = [_below(Text.from_markup(line), console, width) for line in lines]
    if sum(map(len, wrapped)) <= room:
        return [piece for pieces in wrapped for piece in pieces]
    shown: list[Text] = []
    for index, pieces in enumerate(wrapped):
        if len(shown) + len(pieces) >= room:
            left = counted(len(lines) - index, "more line")
            hint = f"{left}: make the terminal taller, or start with --plain"
            return [*shown, Text(hint, "bright_black")]
        shown += pieces
    return shown


def _below(line: Text, console: Console, width: int) -> list[Text]:
    """Return a line in pieces that fit, those after the first indented like what stands after its label."""
    if line.cell_len <= width:
        return [line]
    label, rest = line.divide([_LABEL])
    first, *others = rest.wrap(console, width - _LABEL, overflow="fold")
    return [Text.assemble(label, first), *(Text.assemble(" " * _LABEL, other) for other in others)]


def _indented(body: RenderableType) -> RenderableType:
    return Padding(body, (0, 1))


def _section(title: str | Text, body: RenderableType) -> RenderableType:
    return Group(Rule(title, align="left", style="bright_black"), body)


def _header(scene: Scene, banner: Sequence[Text]) -> RenderableType:
    state = (
        "stopping ..."
        if scene.stopping
        else f"up {lasting(scene.clock - scene.up_since, brief=True)} · Ctrl-C ends it"
    )
    return Panel(
        Group(*banner),
        title=f"[bold]{scene.title}[/bold]",
        title_align="left",
        subtitle=state,
        subtitle_align="right",
        border_style="yellow" if scene.stopping else "cyan",
        padding=(0, 1),
    )


def _services(scene: Scene) -> RenderableType:
    table = Table.grid(padding=(0, 2), expand=True)
    for _ in range(4):
        table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for child in scene.children:
        mark, style, word = PHASES[child.phase]
        retry = f" {max(0, child.retry_at - scene.clock):.0f} s" if child.retry_at else ""
        restarts = f"restarted {child.restarts} x" if child.restarts else ""
        table.add_row(
            Text(f" {mark} {child.name}", style=service_style(child.name)),
            Text(f"{word}{retry}", style=style),
            Text(f"pid {child.pid}" if child.pid else "", style="bright_black"),
            Text(restarts, style="yellow"),
            _heartbeat(newest(scene.now.fleet.services, child.name), scene.now.fleet.at),
        )
    return table


def _heartbeat(heartbeat: Heartbeat | None, now: datetime) -> RenderableType:
    if heartbeat is None:
        return Text("")
    age = (now - heartbeat.seen_at).total_seconds()
    if heartbeat.is_silent(now):
        return Text(f"not heard of for {lasting(age, brief=True)}", style="yellow")
    telling = sorted(heartbeat.counters.items(), key=lambda item: (_rank(item[0]), item[0]))
    counters = [
        Text(f"{within_line(word(STATES, name))} {number(value)}") for name, value in telling if value
    ]
    return Fitting(counters[:_SHOWN_COUNTERS], "bright_black")


def _rank(counter: str) -> int:
    """Return the sort key: what tells of trouble comes first."""
    return _TELLING.index(counter) if counter in _TELLING else len(_TELLING)


def _fleet(now: FleetNow, console: Console) -> RenderableType:
    if now.error:
        return Text(f"The database does not answer: {now.error}", style="bold red")
    if now.fleet.watched:
        first: RenderableType = Fitting(headline_parts(now.fleet, console))
    elif now.fleet.total:
        first = nothing(now.fleet)
    else:  # in few words, also where commands are long; the banner says more
        first = Text(as_called("There are no printers yet: `printers import FILE.csv` takes yours in."))
    rate = now.readings_per_minute
    told = [Text(f"{'-' if rate is None else number(round(rate))} readings a minute")]
    for service, counter, words in (
        ("collector", "spool", "in the collector's spool"),
        ("processor", "outbox", "on the way to the time series"),
    ):
        value = _counter(now.fleet, service, counter)
        if value is not None:
            told.append(Text(f"{number(value)} {words}"))
    return Group(first, Fitting(told, "bright_black"))


def _counter(fleet: FleetStatus, service: str, start: str) -> float | None:
    heartbeat = newest(fleet.services, service)
    found = [
        value for name, value in (heartbeat.counters if heartbeat else {}).items() if name.startswith(start)
    ]
    return found[0] if found else None


def _log(lines: Sequence[LogLine], console: Console, room: int) -> RenderableType:
    """Return the newest lines that there is room for; a warning goes on below, the others are cut."""
    shown: list[Text] = []
    for line in reversed(lines):
        text = log_text(line)
        pieces = [text]
        if line.level in LEVELS:
            text.no_wrap, text.overflow = False, "fold"
            pieces = list(text.wrap(console, console.width))
        if shown and len(pieces) + len(shown) > room:
            break
        shown = [*pieces, *shown]
    return Group(*shown[:room])

"""The live view: services, the fleet, what needs attention, the newest log lines. Rendering only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from console.up.child import ChildStatus
from console.up.fleet_summary import FleetSummary, Heartbeat, UrgentFlag
from console.up.log_lines import LogLine
from console.up.styles import PHASES, SEVERITIES, STATES, log_text, service_style
from core.domain.freshness import is_silent
from core.domain.units import counted, lasting, number

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


@dataclass(frozen=True)
class Scene:
    """All that one picture shows."""

    title: str
    banner: Sequence[str]
    children: Sequence[ChildStatus]
    glance: FleetSummary
    lines: Sequence[LogLine]
    clock: float
    """time.monotonic(), to which the children's times are relative."""
    up_since: float
    stopping: bool = False


def render(scene: Scene, height: int) -> RenderableType:
    """The whole picture for a terminal of so many lines."""
    services, fleet = _services(scene), _fleet(scene.glance)
    top, count = len(scene.banner) + 2, len(scene.children)
    spare = height - top - (count + 1) - 3
    worries = scene.glance.worst[: max(1, min(8, spare // 2 - 1))]
    parts = [
        Layout(_header(scene), size=top),
        Layout(_section("Services", services), size=count + 1),
        Layout(_section("Fleet", fleet), size=3),
        Layout(
            _section(_attention_title(scene.glance), _worries(worries, scene)), size=max(1, len(worries)) + 1
        ),
        Layout(_section("Log", _log(scene.lines, max(1, spare))), ratio=1, minimum_size=2),
    ]
    layout = Layout()
    layout.split_column(*parts)
    return layout


def _section(title: str | Text, body: RenderableType) -> RenderableType:
    return Group(Rule(title, align="left", style="bright_black"), body)


def _header(scene: Scene) -> RenderableType:
    lines = [Text.from_markup(line, overflow="ellipsis") for line in scene.banner]
    for line in lines:
        line.no_wrap = True
    state = (
        "stopping ..."
        if scene.stopping
        else f"up {lasting(scene.clock - scene.up_since, brief=True)} · Ctrl-C ends it"
    )
    return Panel(
        Group(*lines),
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
            _heartbeat(scene.glance.heartbeats.get(child.name), scene.glance.at),
        )
    return table


def _heartbeat(heartbeat: Heartbeat | None, now: datetime) -> Text:
    if heartbeat is None:
        return Text("")
    age = (now - heartbeat.seen_at).total_seconds()
    if is_silent(heartbeat.status == "online", heartbeat.seen_at, now):
        return Text(f"not heard of for {lasting(age, brief=True)}", style="yellow")
    telling = sorted(heartbeat.counters.items(), key=lambda item: (_rank(item[0]), item[0]))
    counters = [f"{name.replace('_', ' ')} {number(value)}" for name, value in telling if value]
    return Text(" · ".join(counters[:_SHOWN_COUNTERS]), style="bright_black")


def _rank(counter: str) -> int:
    """What tells of trouble comes first."""
    return _TELLING.index(counter) if counter in _TELLING else len(_TELLING)


def _fleet(glance: FleetSummary) -> RenderableType:
    if glance.error:
        return Text(f" The database does not answer: {glance.error}", style="bold red")
    first = Text(no_wrap=True, overflow="ellipsis")
    first.append(f" {counted(glance.printers, 'printer')}", "bold")
    unread = glance.printers - sum(glance.states.values()) - glance.stale
    counts = [(name, count, STATES.get(name, "")) for name, count in glance.states.items()]
    counts.sort(key=lambda item: -item[1])
    counts += [("stale", glance.stale, "yellow"), ("not read yet", max(0, unread), "yellow")]
    for name, count, style in counts:
        if count:
            first.append(" · ", "bright_black").append(f"{count} {name.replace('_', ' ')}", style)
    rate = glance.readings_per_minute
    second = Text(no_wrap=True, overflow="ellipsis", style="bright_black")
    second.append(f" {'-' if rate is None else number(round(rate))} readings a minute")
    for service, counter, words in (
        ("collector", "spool", "in the collector's spool"),
        ("processor", "outbox", "on the way to the time series"),
    ):
        value = _counter(glance, service, counter)
        if value is not None:
            second.append(f" · {number(value)} {words}")
    return Group(first, second)


def _counter(glance: FleetSummary, service: str, start: str) -> float | None:
    heartbeat = glance.heartbeats.get(service)
    found = [
        value for name, value in (heartbeat.counters if heartbeat else {}).items() if name.startswith(start)
    ]
    return found[0] if found else None


def _attention_title(glance: FleetSummary) -> Text:
    title = Text("Attention", style="")
    for severity, (mark, style) in SEVERITIES.items():
        if count := glance.severities.get(severity, 0):
            title.append(f"  {mark} {count} {severity}", style)
    return title


def _worries(worries: Sequence[UrgentFlag], scene: Scene) -> RenderableType:
    if not worries:
        nothing = "Nothing needs attention." if scene.glance.states else "Nothing is known yet."
        return Text(f" {nothing}", style="green" if scene.glance.states else "bright_black")
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=28)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=3)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column(no_wrap=True, justify="right")
    for worry in worries:
        mark, style = SEVERITIES.get(worry.severity, ("•", ""))
        age = lasting(max(0.0, (scene.glance.at - worry.since_at).total_seconds()), brief=True)
        table.add_row(
            Text(f" {mark} {worry.severity}", style=style),
            Text(worry.printer, style="bold"),
            Text(worry.message),
            Text(worry.location, style="bright_black"),
            Text(f"for {age} ", style="bright_black"),
        )
    return table


def _log(lines: Sequence[LogLine], room: int) -> RenderableType:
    return Group(*(log_text(line) for line in list(lines)[-room:]))

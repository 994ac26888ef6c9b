"""The terminal of a run: the live view, or one line after the other."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text
from sqlalchemy import Engine

from console.up.child import ChildStatus
from console.up.fleet_reader import FleetReader
from console.up.log_lines import LogLine, LogSink
from console.up.styles import log_text
from console.up.view import Scene, render

_PER_SECOND = 4
_RICH_HEIGHT = 24


@dataclass(frozen=True)
class Banner:
    """Lines that stay in sight (rich markup), in their order."""

    pages: Sequence[str]
    first_admin: Sequence[str]
    """Shown while there is no admin."""
    others: Sequence[str]

    def lines(self, *, administered: bool) -> list[str]:
        """Return those that are true now."""
        return [*self.pages, *([] if administered else self.first_admin), *self.others]


@dataclass(frozen=True)
class LiveView:
    """Source of what the live view shows."""

    title: str
    banner: Banner
    engine: Engine
    statuses: Callable[[], Sequence[ChildStatus]]
    stopping: Callable[[], bool]


class DrawnView:
    """Drawn anew each time the terminal asks for it."""

    def __init__(self, stage: LiveView, sink: LogSink, reader: FleetReader) -> None:
        self._stage, self._sink, self._reader = stage, sink, reader
        self._since = time.monotonic()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        stage = self._stage
        now = self._reader.latest
        scene = Scene(
            title=stage.title,
            banner=stage.banner.lines(administered=now.administered),
            children=stage.statuses(),
            now=now,
            lines=list(self._sink.newest),
            clock=time.monotonic(),
            up_since=self._since,
            stopping=stage.stopping(),
        )
        yield render(scene, console, options.height or console.height or _RICH_HEIGHT)


@contextmanager
def live_view(stage: LiveView, sink: LogSink, console: Console) -> Iterator[None]:
    """Show the view on the whole terminal, which is as before afterwards."""
    reader = FleetReader(stage.engine)
    reader.start()
    try:
        with Live(
            DrawnView(stage, sink, reader), console=console, screen=True, refresh_per_second=_PER_SECOND
        ):
            yield
    finally:
        reader.stop()


@contextmanager
def plain_view(banner: Sequence[str], sink: LogSink, console: Console) -> Iterator[None]:
    """Log lines, colored on a terminal."""

    def show(line: LogLine) -> None:
        # Who reads us may have gone; the run goes on, its lines are in the file.
        with contextlib.suppress(OSError, ValueError):
            if console.is_terminal:
                console.print(log_text(line), soft_wrap=True)
            else:
                print(line, flush=True)

    for line in banner:
        with contextlib.suppress(OSError, ValueError):
            console.print(Text.from_markup(line), soft_wrap=True)
    sink.show = show
    try:
        yield
    finally:
        sink.show = lambda _line: None

"""`printers history` and `printers influx`: the time series copied, mended and set up."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from console.database import open_to_read, settings_now
from console.terminal import make_console, mark, plain, progress
from core.contract.errors import EXIT_FAILED, EXIT_OK, UserError
from core.domain.units import ago, counted
from core.runtime.logs import configure_logs
from core.runtime.settings import CommonSettings, DatabaseSettings, HistorySettings, load
from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from core.storage.refused_points import count_refused, refused_reasons

if TYPE_CHECKING:  # what needs the library of InfluxDB is imported only to be used
    from core.timeseries.copying import CopyResult
    from processor.history.resending import Resent

Told = TypeVar("Told")
_SHOWN_REASONS: Final = 10


class CopyTarget(StrEnum):
    """Destination of a copy of the history."""

    INFLUX = "influx"
    EMBEDDED = "embedded"


def setup(
    set_retention: Annotated[
        bool,
        typer.Option("--set-retention", help="Change how long buckets that are there keep points."),
    ] = False,
) -> int:
    """Make what InfluxDB needs and has not: two buckets, and the task that fills the second.

    The first keeps every point for HISTORY_HOURLY_DAYS, the second one point and the sums of each day for
    HISTORY_DAYS. Run it as often as you like. It needs a token that may make buckets and tasks, the services
    one that may read and write both buckets.

    Example: [bold]INFLUXDB_TOKEN=all-access printers influx setup[/bold]
    """
    from core.timeseries.influx.setup import set_up

    _show_logs()
    for done in set_up(settings_now(HistorySettings), set_retention=set_retention):
        print(done, flush=True)
    return EXIT_OK


def copy(
    to: Annotated[CopyTarget, typer.Option("--to", help="The server of INFLUXDB_URL, or DATA_DIR.")],
) -> int:
    """Copy the history in DATA_DIR to InfluxDB (or VictoriaMetrics), or back.

    What is there already stays, and everything may run meanwhile. Stopped, it goes on where it was when it is
    called again.

    Example: [bold]printers history copy --to influx[/bold]
    """
    from core.timeseries.copying import copy_history

    def work(told: Callable[["CopyResult"], None]) -> "CopyResult":
        return copy_history(settings_now(HistorySettings), to.value, told)

    columns = ("copying", "printers")
    copied = _with_progress(columns, work, lambda so_far: (so_far.printers, so_far.of), _tell_copied)
    return EXIT_FAILED if copied.refused else EXIT_OK


def resend_refused(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what was refused and why; send nothing.")
    ] = False,
) -> int:
    """Send the points of history once more that the time series has refused.

    For after the cause was mended: a bucket that keeps points for too short a time, a field that has another
    type. What is refused again stays, with its new reason. Everything may run meanwhile. The newest 100,000
    refused points are kept.

    Example: [bold]printers history resend-refused --dry-run[/bold]
    """
    console = make_console()
    with reading(open_to_read()) as connection:
        kept, reasons = count_refused(connection), refused_reasons(connection)
    if not kept:
        console.print("No refused point of history is kept: there is nothing to send.")
        return EXIT_OK
    if dry_run:
        console.print(f"{counted(kept, 'refused point')} would be sent again:")
        now = utc_now()
        shown = {
            f"{each.reason} (the last {ago(each.last_at, now, brief=True)})": each.points for each in reasons
        }
        _show_reasons(shown, kept)
        return EXIT_OK
    from processor.history.resending import resend

    def work(told: Callable[["Resent"], None]) -> "Resent":
        return resend(settings_now(HistorySettings), load(DatabaseSettings), told)

    columns = ("sending", "points")
    resent = _with_progress(
        columns, work, lambda so_far: (so_far.sent + so_far.refused, so_far.of), _tell_resent
    )
    return EXIT_FAILED if resent.refused else EXIT_OK


def _tell_resent(so_far: "Resent", done: bool) -> None:
    console = make_console()
    sent, again = so_far.sent, so_far.refused
    kind = "warning" if again else "ok"
    console.print(f"{mark(console, kind)} {counted(sent, 'point')} sent, {again:,} refused again.")
    _show_reasons(so_far.reasons, again)
    if not done:
        left = so_far.of - sent - again
        console.print(f"{counted(left, 'point')} left: the same command sends the rest.")


def _show_reasons(reasons: dict[str, int], points: int) -> None:
    """Print a line for each reason, those with most points first."""
    console = make_console()
    shown = sorted(reasons.items(), key=lambda each: -each[1])[:_SHOWN_REASONS]
    for reason, number in shown:
        console.print(f"{number:>9,}  {plain(reason)}", soft_wrap=True)
    if others := points - sum(number for _, number in shown):
        console.print(f"{others:>9,}  for other reasons")


def _with_progress(
    words: tuple[str, str],
    work: Callable[[Callable[[Told], None]], Told],
    done: Callable[[Told], tuple[int, int]],
    tell: Callable[[Told, bool], None],
) -> Told:
    """Do work that tells how far it has come, with a bar; then tell of it, also where it ends before its end.

    `done` says how many of how many, `tell` gets what was told last and whether that is all.
    """
    _show_logs()
    last: Told | None = None
    try:
        with progress(*words) as bars:
            bar = bars.add_task("", total=None)

            def told(so_far: Told) -> None:
                nonlocal last
                last = so_far
                completed, total = done(so_far)
                bars.update(bar, total=total, completed=completed)

            result = work(told)
    except (UserError, KeyboardInterrupt):
        if last is not None:
            tell(last, False)
        raise
    tell(result, True)
    return result


def _show_logs() -> None:
    configure_logs("processor", debug=load(CommonSettings).debug)


def _tell_copied(so_far: "CopyResult", done: bool) -> None:
    console = make_console()
    printers = counted(so_far.printers, "printer")
    if not done:
        of = counted(so_far.of, "printer")
        console.print(f"{so_far.printers:,} of {of} copied; the same command goes on from there.")
        return
    before = f" ({so_far.resumed:,} of them by an earlier run)" if so_far.resumed else ""
    console.print(
        f"[green]{mark(console, 'ok')}[/green] {printers}{before}, {counted(so_far.points, 'point')}, "
        f"{counted(so_far.days, 'sum', 'sums')} of days"
    )
    if so_far.refused:
        console.print(f"{counted(so_far.refused, 'point')} refused by the time series.")

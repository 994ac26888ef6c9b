"""A sweep by the collector's own code, with a bar while it lasts."""

from collections.abc import Sequence

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from collector.discovery.sweep_once import sweep_once
from console.terminal import make_console
from core.contract.discovery_messages import Discovered, DiscoverRequest, FoundPrinter
from core.domain.addresses import DEFAULT_PORT
from core.domain.units import counted
from core.runtime.wall_clock import utc_now


def run_sweep(
    networks: Sequence[str], ports: Sequence[int], profile: str, *, confirmed: bool
) -> tuple[list[FoundPrinter], list[str]]:
    """Return the printers found, and notes for a person. Raises UserError where it is refused."""
    request = DiscoverRequest.model_construct(  # what is wrong with it is said when it is swept
        id="here",
        requested_at=utc_now(),
        networks=tuple(networks),
        ports=tuple(ports) or (DEFAULT_PORT,),
        profile=profile,
        confirmed=confirmed,
    )
    found: list[FoundPrinter] = []
    notes: list[str] = []
    with _bar() as bar:
        task = bar.add_task("asking", total=None)

        def show(message: Discovered) -> None:
            found.extend(message.printers)
            notes[:] = [message.error] if message.error else []
            words = f"{counted(len(found), 'printer')} among {counted(message.answering, 'SNMP device')}"
            bar.update(task, total=message.addresses, completed=message.asked, description=words)

        sweep_once(request, show)
    return found, notes


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = make_console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)

"""A simulated fleet running: made from a plan or from recordings, remembered, until it is time to stop."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from core.contract.mib_names import OID
from core.domain.inventory.fields import slug
from core.domain.inventory.printers import Value
from core.runtime.json_files import read_json
from core.runtime.private_files import replace_file
from core.runtime.shutdown import ShutdownSignal
from core.runtime.wall_clock import utc_now
from simulator.agent import SimulatedAgent
from simulator.living import LivingPrinter
from simulator.plan import PlannedPrinter, plan_fleet
from simulator.recording import Arcs, arcs_of, content_of, read_recording
from simulator.server import HOST, FleetServer, Responder
from simulator.view import MibView

log = logging.getLogger(__name__)

_REMEMBER_EVERY: Final = 2.0
_COMMUNITY: Final = "public"


@dataclass(frozen=True)
class FleetOptions:
    """Options of a simulated fleet."""

    printers: int
    first_port: int
    seed: int = 1
    speed: float = 1.0
    """How many seconds of a printer's life pass in one of ours."""
    recordings: tuple[Path, ...] = ()
    """Printers that only ever answer what was recorded, instead of living ones."""
    community: str = _COMMUNITY
    memory: Path | None = None
    """Where counters and levels are kept from run to run."""


@dataclass
class SimulatedFleet:
    """The printers of one run, ready to answer."""

    inventory: list[dict[str, Value]]
    """Rows for core.domain.inventory.csv_file."""
    responders: list[Responder]
    living: list[LivingPrinter]


def make_fleet(options: FleetOptions) -> SimulatedFleet:
    """Return every printer of the options; raises UserError for a recording that cannot be used."""
    if options.recordings:
        return _recorded(options)
    plans = plan_fleet(options.printers, options.seed)
    memories = read_memory(options.memory)
    living = [
        LivingPrinter(plan, options.speed, options.community.encode(), memories.get(plan.printer_id))
        for plan in plans
    ]
    return SimulatedFleet(
        inventory_of(plans, options.first_port, utc_now().date()), [one.answer for one in living], living
    )


def inventory_of(plans: Iterable[PlannedPrinter], first_port: int, today: date) -> list[dict[str, Value]]:
    """Return the rows of an inventory for planned printers."""
    return [
        _row(
            port,
            printer_id=plan.printer_id,
            name=plan.name,
            location=plan.location,
            cost_center=plan.cost_center,
            **plan.asset.columns(today),
            model=plan.shape.model,
            serial=plan.serial,
        )
        for port, plan in enumerate(plans, start=first_port)
    ]


async def serve(
    fleet: SimulatedFleet, options: FleetOptions, shutdown: ShutdownSignal, ready: Callable[[], None]
) -> None:
    """Answer until it is time to stop; `ready` is called once every port is open."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    began = loop.time()
    responders = [_since(began, respond) for respond in fleet.responders]
    async with FleetServer(responders, options.first_port):
        # The loop may already be gone when a second signal comes.
        shutdown.on_stop(lambda: _from_thread(loop, stop.set))
        ready()
        while not stop.is_set():
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), _REMEMBER_EVERY)
            keep_memory(options.memory, fleet.living)


def read_memory(path: Path | None) -> Mapping[str, Mapping[str, Any]]:
    """Return what was kept by printer; nothing where it cannot be read: then the printers begin anew."""
    found = read_json(path) if path else None
    try:
        return {str(printer): dict(memory) for printer, memory in (found or {}).items()}
    except (ValueError, AttributeError, TypeError):
        log.warning("%s cannot be read; the printers begin anew", path)
        return {}


def keep_memory(path: Path | None, living: Iterable[LivingPrinter]) -> None:
    """Keep counters and levels, whole or not at all."""
    if path is None:
        return
    memories = {one.plan.printer_id: one.life.stock.memory() for one in living}
    try:
        replace_file(path, [json.dumps(memories).encode()])
    except OSError as error:
        log.warning("%s cannot be written: %s", path, error.strerror)


def _recorded(options: FleetOptions) -> SimulatedFleet:
    fleet = SimulatedFleet([], [], [])
    values = [(path, read_recording(path)) for path in options.recordings]
    for at in range(max(options.printers, len(values))):
        path, recorded = values[at % len(values)]
        copy = f"-{at // len(values) + 1}" if at >= len(values) else ""
        agent = SimulatedAgent(MibView(recorded), options.community.encode())
        fleet.responders.append(lambda message, _seconds, agent=agent: agent.answer(message))  # type: ignore[misc]
        row = _row(
            options.first_port + at,
            printer_id=slug(path.stem + copy),
            name=path.stem + copy,
            location="recording",
            model=_recorded_text(recorded, "hrDeviceDescr"),
            serial="",
        )
        fleet.inventory.append(row)
    return fleet


def _recorded_text(values: Mapping[Arcs, bytes], name: str) -> str:
    column = arcs_of(OID[name])
    first = next((values[arcs] for arcs in sorted(values) if arcs[: len(column)] == column), b"\x04\x00")
    return content_of(first).decode("utf-8", "replace").rstrip("\0")


def _row(port: int, **columns: str) -> dict[str, Value]:
    usual: dict[str, Value] = {"site": "main", "profile": "default", "enabled": True, "notes": "simulated"}
    return {**usual, **columns, "host": HOST, "port": port}


def _since(began: float, respond: Responder) -> Responder:
    return lambda message, now: respond(message, now - began)


def _from_thread(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call)

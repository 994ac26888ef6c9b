"""A simulated fleet that answers on loopback while a test asks it."""

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from console.demo.folder import choose_port
from core.runtime.shutdown import ShutdownSignal
from simulator.fleet_run import FleetOptions, SimulatedFleet, serve
from simulator.living import LivingPrinter
from simulator.plan import PlannedAsset, PlannedPrinter
from simulator.shape import Shape
from tests.patience import PATIENCE_SECONDS

_chance = random.SystemRandom()  # the usual one is seeded by some tests: all workers would draw alike


def free_ports(count: int) -> int:
    """The first of so many free UDP ports: drawn, since other tests choose as well, and below those that
    systems give to any socket, of which one could come between now and their use.
    """
    return choose_port(count, None, _chance.randrange(26_000, 31_000))


def planned(shape: Shape, *beginning: str, seed: int = 7) -> PlannedPrinter:
    """A printer of that shape to which these things have happened."""
    return PlannedPrinter(
        printer_id=f"{shape.name}-{'-'.join(beginning) or 'well'}".replace("_", "-"),
        name="Library 101",
        location="Library, floor 1, copy room",
        cost_center="",
        asset=PlannedAsset("A-01042", used_days=700, warranty_days=400),
        shape=shape,
        serial="X1",
        seed=seed,
        jobs_per_hour=12.0,
        base_uptime=1000,
        beginning=beginning,
    )


def living(shape: Shape, *beginning: str, seed: int = 7, speed: float = 1.0) -> LivingPrinter:
    """The same, alive."""
    return LivingPrinter(planned(shape, *beginning, seed=seed), speed, b"public")


@contextmanager
def answering(fleet: SimulatedFleet, first_port: int) -> Iterator[None]:
    """The fleet on its ports, in a thread of its own."""
    shutdown, ready = ShutdownSignal(), threading.Event()
    options = FleetOptions(len(fleet.responders), first_port)
    thread = threading.Thread(
        target=lambda: asyncio.run(serve(fleet, options, shutdown, ready.set)), daemon=True
    )
    thread.start()
    try:
        assert ready.wait(PATIENCE_SECONDS)
        yield
    finally:
        shutdown.stop()
        thread.join(PATIENCE_SECONDS)

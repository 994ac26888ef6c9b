"""`python -m simulator`: a simulated fleet as a process, for `printers demo` and benchmarks."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from core.contract.errors import EXIT_OK, run_command
from core.runtime.logs import configure_logs
from core.runtime.private_files import keep_files_private
from core.runtime.shutdown import ShutdownSignal
from simulator.fleet_run import FleetOptions, make_fleet, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until the parent's pipe ends or a signal comes; the exit code."""
    keep_files_private()
    options = _options(arguments)
    configure_logs("simulator")
    return run_command(lambda: _run(options))


def _run(options: FleetOptions) -> int:
    shutdown = ShutdownSignal().install()
    fleet = make_fleet(options)
    count = len(fleet.responders)
    last = options.first_port + count - 1

    def ready() -> None:
        print(f"ready: {count} printers on 127.0.0.1, ports {options.first_port} to {last}", flush=True)

    asyncio.run(serve(fleet, options, shutdown, ready))
    return EXIT_OK


def _options(arguments: Sequence[str] | None) -> FleetOptions:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--printers", type=int, default=40)
    parser.add_argument("--port", type=int, default=16100, help="the first of as many UDP ports as printers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--speed", type=float, default=1.0, help="1: as in life; 20: a jam lasts some seconds"
    )
    parser.add_argument("--community", default="public")
    parser.add_argument("--memory", type=Path, help="keep counters and levels in this file")
    given = parser.parse_args(arguments)
    return FleetOptions(
        printers=given.printers,
        first_port=given.port,
        seed=given.seed,
        speed=given.speed,
        community=given.community,
        memory=given.memory,
    )


if __name__ == "__main__":
    sys.exit(main())

"""`python -m collector`: reads printers and publishes the readings."""

import argparse
import sys
from collections.abc import Callable, Sequence

from collector.event_loop import look_for_garbage_rarely
from collector.settings import CollectorSettings
from core.contract.errors import run_command
from core.runtime.private_files import keep_files_private
from core.runtime.service import run_service
from core.runtime.shutdown import ShutdownSignal


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the service; return its exit code."""
    keep_files_private()
    argparse.ArgumentParser(
        prog="python -m collector",
        description="Reads the printers of one site by SNMP and publishes the readings by MQTT, until "
        "Ctrl-C. Settings come from the environment and .env: SITE, MQTT_*, SNMP_*. "
        "`printers poll HOST` asks one printer without a broker.",
    ).parse_args(arguments)
    return run_command(lambda: run_service("collector", CollectorSettings, _import_run))


def _import_run() -> Callable[[CollectorSettings, ShutdownSignal], None]:
    from collector.service import run

    return run


if __name__ == "__main__":
    look_for_garbage_rarely()
    sys.exit(main())

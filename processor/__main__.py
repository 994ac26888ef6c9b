"""`python -m processor`: the service."""

import argparse
import sys
from collections.abc import Callable

from core.contract.errors import run_command
from core.runtime.private_files import keep_files_private
from core.runtime.service import run_service
from core.runtime.shutdown import ShutdownSignal
from processor.settings import ProcessorAppSettings


def main(arguments: list[str] | None = None) -> int:
    """Run the service; return its exit code."""
    keep_files_private()
    argparse.ArgumentParser(
        prog="python -m processor",
        description="Judges readings, stores what they say, and tells other systems, until Ctrl-C. "
        "Settings come from the environment and .env.",
    ).parse_args(arguments)
    return run_command(lambda: run_service("processor", ProcessorAppSettings, _import_run))


def _import_run() -> Callable[[ProcessorAppSettings, ShutdownSignal], None]:
    from processor.app import run

    return run


if __name__ == "__main__":
    sys.exit(main())

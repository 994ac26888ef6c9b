"""`python -m processor`: the service."""

import argparse
import sys

from core.contract.errors import run_command
from core.runtime.logs import configure_logs
from core.runtime.private_files import keep_files_private, make_private
from core.runtime.shutdown import ShutdownSignal


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and serve; returns the exit code."""
    keep_files_private()
    argparse.ArgumentParser(
        prog="python -m processor",
        description="Judges readings, stores what they say, and tells other systems, until Ctrl-C. "
        "Settings come from the environment and .env.",
    ).parse_args(arguments)
    return run_command(_serve)


def _serve() -> int:
    from processor.app import run_service
    from processor.settings import ProcessorAppSettings

    settings = ProcessorAppSettings.load()
    configure_logs("processor", debug=settings.common.debug)
    make_private(settings.common.data_dir)
    return run_service(settings, ShutdownSignal().install())


if __name__ == "__main__":
    sys.exit(main())

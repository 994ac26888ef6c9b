"""`python -m processor`: the service."""

import argparse
import sys

from core.contract.errors import run_command
from core.runtime.importing import importing
from core.runtime.private_files import keep_files_private
from core.runtime.service import run_service


def main(arguments: list[str] | None = None) -> int:
    """Run the service; return its exit code."""
    keep_files_private()
    argparse.ArgumentParser(
        prog="python -m processor",
        description="Judges readings, stores what they say, and tells other systems, until Ctrl-C. "
        "Settings come from the environment and .env.",
    ).parse_args(arguments)
    return run_command(_serve)


def _serve() -> int:
    with importing():
        from processor.app import run
        from processor.settings import ProcessorAppSettings

    return run_service("processor", ProcessorAppSettings.load, run)


if __name__ == "__main__":
    sys.exit(main())

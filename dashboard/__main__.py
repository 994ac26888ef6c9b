"""`python -m dashboard`: the pages, the login and the data routes, in one process."""

import argparse
import sys
from collections.abc import Callable
from typing import Final

from core.contract.errors import run_command
from core.runtime.private_files import keep_files_private
from core.runtime.service import run_service
from core.runtime.shutdown import ShutdownSignal
from dashboard.settings import DashboardAppSettings

_EPILOG: Final = """
examples:
  python -m dashboard
      serves http://127.0.0.1:8501 until Ctrl-C; settings by environment and .env
  DASHBOARD_LISTEN=0.0.0.0:8080 ALLOWED_HOSTS=printers.example.org python -m dashboard
      for other machines, too (docs/operations.md says how to put HTTPS before it)
"""


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and serve; returns the exit code."""
    keep_files_private()
    _parser().parse_args(arguments)
    return run_command(lambda: run_service("dashboard", DashboardAppSettings, _import_run))


def _parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog="python -m dashboard",
        description="Shows the fleet in the browser: portal, manager and admin pages.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _import_run() -> Callable[[DashboardAppSettings, ShutdownSignal], None]:
    from dashboard.app import run

    return run


if __name__ == "__main__":
    sys.exit(main())

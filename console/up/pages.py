"""The dashboard of a run: its address, whether it can be taken, and who can sign in."""

import os
import socket
from pathlib import Path
from typing import Final

from rich.markup import escape
from sqlalchemy import Engine, func, select

from console.broker.processes import who_listens
from core.contract.errors import UserError
from core.runtime.web_settings import DashboardSettings
from core.storage.core_tables import USERS
from core.storage.database import reading

_PORTS: Final = 100


def require_free_address(settings: DashboardSettings) -> None:
    """Raise one sentence where the dashboard could not listen at DASHBOARD_LISTEN."""
    host, port = settings.listen_address
    reason = _objection(host, port)
    if reason:
        who = who_listens(port)
        raise UserError(
            f"the dashboard cannot listen on {settings.dashboard_listen} ({reason}"
            f"{f', by {who}' if who else ''}): set DASHBOARD_LISTEN to another address and port."
        )


def first_free_port(host: str, first: int) -> int:
    """Return the first port from this one that the dashboard could have."""
    for port in range(first, first + _PORTS):
        if not _objection(host, port):
            return port
    raise UserError(f"none of the ports {first} to {first + _PORTS - 1} is free on {host}.")


def page_lines(settings: DashboardSettings, engine: Engine, data_dir: str) -> list[str]:
    """Return where the pages are, and how the first account is made while there is none (rich markup)."""
    lines = [f"Pages    [bold]{escape(settings.dashboard_url)}[/bold]"]
    with reading(engine) as connection:
        users = connection.execute(select(func.count()).select_from(USERS)).scalar_one()
    if not users:
        lines.append(
            "         [yellow]nobody can sign in yet[/yellow]: in another terminal "
            f"{escape(data_dir)}printers users add NAME --role admin"
        )
    return lines


def _objection(host: str, port: int) -> str:
    """Return why a server cannot listen there; "" where it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as caller:  # macOS lets two programs bind one port, on different addresses
        caller.settimeout(1)
        if caller.connect_ex((host, port)) == 0:
            return "it is taken"
    with socket.socket(family) as listener:
        if os.name == "posix":  # a dashboard that has just ended leaves connections behind
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except (OSError, OverflowError) as error:
            return str(getattr(error, "strerror", None) or error).lower()
    return ""


def with_data_dir(data_dir: Path) -> str:
    """Return what goes before a command in another terminal, so that it finds this DATA_DIR."""
    return "" if data_dir == Path("data").absolute() else f"DATA_DIR={data_dir} "

"""The dashboard of a run: its address, whether it can be taken, and who can sign in."""

import errno
import os
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from sqlalchemy import Engine

from console.broker.processes import who_listens
from console.called import with_data_dir
from console.ports import try_to_listen
from core.contract.errors import UserError
from core.domain.links import account_link
from core.runtime.wall_clock import utc_now
from core.runtime.web_settings import DashboardSettings
from core.storage.account_links import first_admin_link
from core.storage.database import writing
from core.storage.users import count_admins

_PORTS: Final = 100
_OF_SYSTEMD: Final = ("JOURNAL_STREAM", "INVOCATION_ID")
"""systemd sets them for what it starts."""


def require_free_address(settings: DashboardSettings) -> None:
    """Raise one sentence where the dashboard could not listen at DASHBOARD_LISTEN."""
    host, port = settings.listen_address
    reason = _objection(host, port)
    if reason:
        raise UserError(
            f"the dashboard cannot listen on {settings.dashboard_listen} ({reason}): "
            "set DASHBOARD_LISTEN to another address and port."
        )


def first_free_port(host: str, first: int) -> int:
    """Return the first port from this one that the dashboard could have."""
    for port in range(first, first + _PORTS):
        if not _objection(host, port):
            return port
    raise UserError(f"none of the ports {first} to {first + _PORTS - 1} is free on {host}.")


def page_line(settings: DashboardSettings) -> str:
    """Return where the pages are (rich markup)."""
    return f"Pages    [bold]{escape(settings.dashboard_url)}[/bold]"


def first_admin_lines(
    settings: DashboardSettings, engine: Engine, data_dir: Path, *, on_terminal: bool
) -> list[str]:
    """Return how the first admin comes in, while there is none (rich markup).

    By a link that is shown on a terminal alone: whoever reads a log must not become an admin by it.
    """
    now = utc_now()
    with writing(engine) as connection:
        if count_admins(connection):
            return []
        token = first_admin_link(connection, now) if on_terminal else None
    if token is None:
        return [
            "Begin    [yellow]nobody can administer this yet[/yellow]: in a terminal, this prints a link",
            f"         {escape(with_data_dir(data_dir))} users invite NAME --role admin",
        ]
    address = account_link(settings.dashboard_url, token)
    return [
        f"Begin    [bold link={address}]{escape(address)}[/]",
        "         opens once, within 24 hours, and makes the first admin's account",
    ]


def shows_secrets(console: Console) -> bool:
    """Return whether what is printed goes to a terminal alone: into no pipe, and not to systemd."""
    return console.is_terminal and not any(name in os.environ for name in _OF_SYSTEMD)


def _objection(host: str, port: int) -> str:
    """Return why a server cannot listen there; "" where it can."""
    try:
        try_to_listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            return "this machine has no such address"
        if error.errno == errno.EADDRINUSE:
            who = who_listens(port)
            return f"it is taken, by {who}" if who else "it is taken"
        return (error.strerror or str(error)).lower()
    return ""

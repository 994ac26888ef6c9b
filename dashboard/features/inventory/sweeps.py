"""Having a site's collector look for printers: who may, what may be swept; each sweep in the audit."""

import re
from dataclasses import dataclass
from typing import Final

from core.contract.errors import UserError
from core.domain.inventory.fields import BadValue, clean_site
from core.domain.networks import sweep_of
from core.domain.permissions import Permission
from core.storage.audit import note
from core.storage.database import writing
from dashboard.actor import Actor
from dashboard.app_context import Finder

_SEPARATORS: Final = re.compile(r"[\s,;]+")


class RefusedSweep(UserError):
    """That cannot be swept; the sentence says why."""


@dataclass(frozen=True)
class SweepForm:
    """Input of an admin for a sweep."""

    networks: str
    ports: str = "161"
    site: str = "main"
    profile: str = "default"
    confirmed: bool = False


def begin_sweep(by: Actor, finder: Finder, wanted: SweepForm) -> str:
    """Ask for a sweep; its id. Raises UserError for nonsense, and where the broker is away."""
    by.require(Permission.MANAGE_INVENTORY)
    networks, ports = _parts(wanted.networks), _ports(wanted.ports)
    site = _site(wanted.site)
    addresses = len(sweep_of(networks, ports, confirmed=wanted.confirmed))
    profile = wanted.profile.strip() or "default"
    sweep_id = finder.ask(site, networks, ports, profile, confirmed=wanted.confirmed)
    if sweep_id is None:
        raise RefusedSweep("The broker cannot be reached just now, so no collector hears of it. Try again.")
    details = {"networks": networks, "ports": ports, "addresses": addresses, "profile": profile}
    with writing(by.engine) as connection:
        note(connection, "sweep.begun", site, actor=by.name, now=by.now, details=details)
    return sweep_id


def end_sweep(by: Actor, finder: Finder, sweep_id: str) -> None:
    """Stop it; what was found stays."""
    by.require(Permission.MANAGE_INVENTORY)
    finder.stop(sweep_id)


def _parts(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(text) if part]


def _ports(text: str) -> list[int]:
    parts = _parts(text) or ["161"]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise RefusedSweep("A port is a number, such as 161; several are separated by commas.")
    return [int(part[:6]) for part in parts]


def _site(text: str) -> str:
    try:
        return clean_site(text.strip() or "main")
    except BadValue as bad:
        raise RefusedSweep(f"{bad}.") from bad

"""Messages about looking for printers: a sweep that is asked for, and what it finds."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from core.contract.messages import Message, Part


class DiscoverRequest(Message):
    """Sweep these networks for printers; `stop` ends the sweep that has this id."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    requested_at: AwareDatetime
    networks: Annotated[tuple[str, ...], Field(max_length=64)] = ()
    """Networks (10.0.0.0/24) and single addresses."""
    ports: Annotated[tuple[int, ...], Field(max_length=64)] = (161,)
    profile: str = "default"
    """The name of the credential profile to ask with."""
    confirmed: bool = False
    """More addresses than a /16 has are swept only where somebody has confirmed it."""
    stop: bool = False


class FoundPrinter(Part):
    """A printer that answered a sweep; None is what it does not say."""

    host: str
    port: int = 161
    model: str | None = None
    serial_number: str | None = None
    mac: str | None = None
    """Of its first interface that has one: 00:11:22:aa:bb:cc."""
    system_name: str | None = None
    system_location: str | None = None


class Discovered(Message):
    """Progress of a sweep: `printers` are those found since the message before."""

    request_id: str
    site: str
    at: AwareDatetime
    status: Literal["running", "done", "stopped", "refused"]
    addresses: int = 0
    """How many are swept; each port counts."""
    asked: int = 0
    """How many of them have answered or stayed silent by now."""
    answering: int = 0
    """How many had an SNMP agent, of whatever device."""
    printers: tuple[FoundPrinter, ...] = ()
    error: str | None = None
    """Why it was refused, or what a person should know of it, in one sentence."""

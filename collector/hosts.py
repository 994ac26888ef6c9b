"""HOST[:PORT] as people write it on a command line, as printers to read."""

from collections.abc import Iterable

from collector.inventory import Printers
from core.contract.errors import UserError
from core.contract.messages import PolledPrinter
from core.domain.addresses import DEFAULT_PORT, clean_host
from core.domain.inventory.fields import BadValue, slug


def printers_of(hosts: Iterable[str], profile: str) -> Printers:
    """One printer for each host, with an id made of its address; raises UserError."""
    found = {(printer.host, printer.port): printer for printer in (_printer(host, profile) for host in hosts)}
    return tuple(found.values())


def _printer(text: str, profile: str) -> PolledPrinter:
    try:
        host, port = clean_host(text.strip())
    except BadValue as error:
        raise UserError(
            f"--host {text!r}: {error}; write it as printer.example, 192.0.2.7:1161 or [2001:db8::7]:1161."
        ) from error
    name = f"{host}-{port}" if port not in (None, DEFAULT_PORT) else host
    return PolledPrinter(
        printer_id=slug(name) or "printer", host=host, port=port or DEFAULT_PORT, profile=profile
    )

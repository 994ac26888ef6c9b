"""HOST[:PORT] as people write it on a command line, as a printer to ask."""

from core.contract.errors import UserError
from core.contract.messages import PolledPrinter
from core.domain.addresses import DEFAULT_PORT, clean_host, with_port
from core.domain.inventory.fields import BadValue, clean_text, slug


def printer_at(text: str, profile: str) -> PolledPrinter:
    """Return the printer at an address, with an id made of it; raise UserError where it is none."""
    try:
        host, port = clean_host(clean_text(text))
    except BadValue as bad:
        raise UserError(f"{bad}.") from bad
    name = f"{host}-{port}" if port not in (None, DEFAULT_PORT) else host
    return PolledPrinter(
        printer_id=slug(name) or "printer", host=host, port=port or DEFAULT_PORT, profile=profile
    )


def address_of(printer: PolledPrinter) -> str:
    """Return HOST[:PORT], without the usual port."""
    return with_port(printer.host, None if printer.port == DEFAULT_PORT else printer.port)

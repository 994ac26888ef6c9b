"""Mail addresses as settings and people write them: one rule for all of them."""

import re
from email.utils import formataddr, parseaddr
from typing import Final

_LONGEST: Final = 254
"""Characters (RFC 5321 4.5.3.1.3, without the angle brackets)."""
_INTRANET: Final = frozenset({"localhost", "local", "internal", "lan", "test", "invalid"})
"""Top-level names that never lead to the internet, but which mail servers of one\'s own network may have."""


def fault_of_address(text: str) -> str:
    """Return why it is not one plain address (local@domain), in one sentence; "" where it is.

    The domain has a dot, or is `localhost`. ASCII alone: our messages are sent to servers that need not know
    SMTPUTF8 (RFC 6531).
    """
    from email_validator import EmailNotValidError, validate_email

    if not text.isascii():
        return "Letters without accents are wanted; a domain with others has a form that begins with xn--."
    if len(text) > _LONGEST:
        return f"A mail address has at most {_LONGEST} characters."
    try:
        validate_email(
            _with_public_domain(text),
            allow_smtputf8=False,
            check_deliverability=False,
            strict=True,
        )
    except EmailNotValidError as error:
        return str(error)
    return ""


def is_address(text: str) -> bool:
    """Return whether it is one plain address that mail can be sent to: local@domain."""
    return not fault_of_address(text)


def address_list(text: str) -> list[str]:
    """Return the addresses of a list with commas or semicolons, each once; ValueError where one is none."""
    found: dict[str, str] = {}
    for part in re.split(r"[,;]", text):
        written = part.strip()
        address = parseaddr(written)[1] if "<" in written else written
        if written and not is_address(address):
            raise ValueError(f"{written!r} is no mail address")
        if written:
            found.setdefault(address.casefold(), address)
    return list(found.values())


def sender(text: str) -> str:
    """Return an address, or Name <address>, as a From header takes it; ValueError where it is neither."""
    name, address = parseaddr(text.strip())
    if not is_address(address):
        raise ValueError(f"{text!r} is no sender: an address, or Name <address>")
    return formataddr((name, address)) if name.isascii() else f'"{name}" <{address}>'


def domain_of(text: str) -> str:
    """Return the domain of a sender."""
    return parseaddr(text)[1].rpartition("@")[2] or "localhost"


def _with_public_domain(text: str) -> str:
    """Return the address with an intranet's top-level name replaced: the library refuses those by a list."""
    begin, dot, last = text.rpartition(".")
    if dot and last.lower() in _INTRANET:
        return f"{begin}.example"
    local, at, domain = text.rpartition("@")
    return f"{local}@host.example" if at and domain.lower() == "localhost" else text

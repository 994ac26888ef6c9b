"""Mail addresses as settings and people write them."""

import re
from email.utils import formataddr, parseaddr
from typing import Final

_ADDRESS: Final = re.compile(
    r"[^@\s,;:/<>\"()\[\]\\\x00-\x1f\x7f]{1,64}@[^@\s,;:/<>\"()\[\]\\\x00-\x1f\x7f]{1,190}"
)
"""Without : and /, which an address may have: a URL with a user and a password in it is none."""


def is_address(text: str) -> bool:
    """Whether it is one plain address: local@domain."""
    return _ADDRESS.fullmatch(text) is not None


def address_list(text: str) -> list[str]:
    """The addresses of a list with commas or semicolons, each once; ValueError names one that is none."""
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
    """An address, or Name <address>, as a From header takes it; ValueError where it is neither."""
    name, address = parseaddr(text.strip())
    if not is_address(address):
        raise ValueError(f"{text!r} is no sender: an address, or Name <address>")
    return formataddr((name, address)) if name.isascii() else f'"{name}" <{address}>'


def domain_of(text: str) -> str:
    """The domain of a sender."""
    return parseaddr(text)[1].rpartition("@")[2] or "localhost"

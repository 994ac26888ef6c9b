"""Computers whose SNMP agent lists their print queues in hrDeviceTable: they are no printers. Pure."""

import re
from functools import lru_cache
from typing import Final

_ENTERPRISES: Final = "1.3.6.1.4.1."
_OPERATING_SYSTEMS: Final = (
    "311.",  # Microsoft
    "8072.3.2.",  # net-snmp: Linux, BSD, macOS
    "2021.250.",  # UCD snmpd, its predecessor
    "12325.",  # FreeBSD bsnmpd
    "42.2.",  # Solaris
    "11.2.3.2.",  # HP-UX
    "2.3.1.2.1.1.",  # AIX
    "99.1.1.3.",  # SNMP Research, on servers
    "6574.",  # Synology
    "24681.",  # QNAP
    "6876.",  # VMware
    "23.",  # Novell
)
"""sysObjectIDs of agents that come with an operating system or a server."""
_SYSTEM: Final = re.compile(
    r"\bwindows\b|^linux\s+\S+\s+\d|\b(?:free|open|net)bsd\b|\bdarwin kernel\b|\bsunos\b|\baix\b|\bhp-ux\b"
    r"|\bx86_64\b|\bamd64\b|\bat compatible\b|\bcups\b",
    re.IGNORECASE,
)
"""What such agents say in sysDescr."""


@lru_cache(maxsize=4096)
def is_computer(*, object_id: str, description: str | None, printers: int, has_printer_mib: bool) -> bool:
    """Return whether an agent with so many hrDevicePrinter rows is a computer with print queues.

    Rows of prtGeneralTable or prtMarkerTable make a printer of it, whatever its operating system is.
    """
    if has_printer_mib or not printers:
        return False
    number = object_id.removeprefix(".").removeprefix(_ENTERPRISES) + "."
    return number.startswith(_OPERATING_SYSTEMS) or bool(description and _SYSTEM.search(description))

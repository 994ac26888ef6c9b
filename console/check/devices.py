"""Is every printer of the inventory a device of its own?"""

from collections.abc import Iterator
from typing import Final

from console.check.context import StoredFleet
from core.runtime.check_results import CheckResult, warning

_MOST_SHOWN: Final = 8


def check_devices(stored: StoredFleet) -> Iterator[CheckResult]:
    """Yield findings on printers that report one serial number: one device under several addresses."""
    for shared in stored.shared_serials:
        names = [printer_id for printer_id, _ in shared.printers]
        more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
        text = f"{', '.join(names[:_MOST_SHOWN])}{more} report one serial number, {shared.serial}"
        yield warning(text, "Remove what is in the inventory twice: `printers remove PRINTER`.")

"""Does the broker let one user do what all services of `printers up` do? What is published must come back."""

import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Final

from console.check.mqtt import Visit
from core.contract import topics
from core.contract.discovery_messages import DiscoverRequest
from core.contract.messages import InventoryChunk, Receipt, RefreshRequest
from core.contract.topics import CHECKED_PRINTER
from core.runtime.check_results import CheckResult, error, ok
from core.runtime.wall_clock import utc_now

_ECHO_SECONDS: Final = 6.0
_MEND: Final = (
    "`printers up` uses one user for all its services. Set MQTT_USERNAME=up, with the password that "
    "`printers secrets` makes (mqtt_up), or give this user these rights."
)


def check_rights(visit: Visit, prefix: str, site: str) -> Iterator[CheckResult]:
    """Publish a harmless message on each topic; a broker acknowledges also what it then drops."""
    tries = _tries(prefix, site)
    refused = visit.refused([pattern for pattern, _, _ in tries.values()])
    for topic, (_, payload, _) in tries.items():
        visit.publish(topic, payload)
    missing, deadline = dict(tries), time.monotonic() + _ECHO_SECONDS
    while missing and (left := deadline - time.monotonic()) > 0:
        found = visit.wait_for(lambda at, payload: tries.get(at, ("", "", ""))[1].encode() == payload, left)
        if found is not None:
            missing.pop(found[0], None)
    if not missing:
        yield ok("this user may do what all services of `printers up` do")
        return
    lost = "; ".join(
        f"{'read' if pattern in refused else 'publish and read'} {pattern} ({purpose})"
        for pattern, _, purpose in missing.values()
    )
    yield error(f"the access list does not let this user {lost}", _MEND)


def _tries(prefix: str, site: str) -> Mapping[str, tuple[str, str, str]]:
    """Return by topic: the filter that the right is about, a payload, and what the right is for."""
    mark, now = f"check-{secrets.token_hex(8)}", utc_now()
    chunk = InventoryChunk(site=site, revision=mark, chunk=0, chunks=2, printers=())
    stop = DiscoverRequest(id=mark, requested_at=now, stop=True)
    refresh = RefreshRequest(id=mark, requested_at=now)
    return {
        topics.READING.name(prefix, printer_id=CHECKED_PRINTER, site=site): (
            topics.READING.filter(prefix, site=site),
            mark,
            "readings from collector to processor",
        ),
        topics.STORED.name(prefix, site=site): (
            topics.STORED.filter(prefix, site=site),
            Receipt(site=site).model_dump_json(),
            "receipts from processor to collector",
        ),
        topics.INVENTORY.name(prefix, site=site, chunk="check"): (
            topics.INVENTORY.filter(prefix, site=site),
            chunk.model_dump_json(),
            "the printers to read, from processor to collector",
        ),
        topics.REFRESH.name(prefix, printer_id=CHECKED_PRINTER): (
            topics.REFRESH.filter(prefix),
            refresh.model_dump_json(),
            "requests to read a printer now",
        ),
        topics.DISCOVER.name(prefix, site=site): (
            topics.DISCOVER.filter(prefix, site=site),
            stop.model_dump_json(),
            "requests to look for printers",
        ),
    }

"""`--discover`: one sweep, told as JSON lines on standard output, without broker."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from collector.discovery.progress import DiscoveryProgress
from collector.settings import CollectorSettings
from core.contract.discovery_messages import Discovered, DiscoverRequest
from core.contract.errors import EXIT_OK

_EVERY_SECONDS: Final = 0.25


async def print_sweep(
    settings: CollectorSettings,
    networks: Sequence[str],
    ports: Sequence[int],
    *,
    profile: str,
    confirmed: bool,
) -> int:
    """Sweep the networks; raises UserError for what is refused."""
    request = DiscoverRequest.model_construct(
        id="here",
        requested_at=datetime.now(UTC),
        networks=tuple(networks),
        ports=tuple(ports),
        profile=profile,
        confirmed=confirmed,
    )
    teller = DiscoveryProgress(
        settings.snmp, settings.discovery, settings.common.site, _print, _EVERY_SECONDS
    )
    await teller.sweep(request, *teller.check(request))
    return EXIT_OK


def _print(message: Discovered) -> bool:
    sys.stdout.buffer.write(message.model_dump_json().encode() + b"\n")
    sys.stdout.buffer.flush()
    return True

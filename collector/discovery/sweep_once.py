"""One sweep, here and now: without broker."""

from collections.abc import Callable

from collector.discovery.progress import DiscoveryProgress
from collector.event_loop import run
from core.contract.discovery_messages import Discovered, DiscoverRequest
from core.runtime.settings import CommonSettings, SnmpSettings, load

_EVERY_SECONDS = 0.25


def sweep_once(request: DiscoverRequest, told: Callable[[Discovered], object]) -> None:
    """Sweep the networks of a request to the end; `told` is called as it goes on, about four times a second.

    The last message has the status `done`. Raise UserError for what is refused.
    """

    def tell(message: Discovered) -> bool:
        told(message)
        return True

    async def sweep() -> None:
        progress = DiscoveryProgress(load(SnmpSettings), load(CommonSettings).site, tell, _EVERY_SECONDS)
        await progress.sweep(request, *progress.check(request))

    run(sweep())

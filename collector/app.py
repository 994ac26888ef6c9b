"""The service: printers are read and readings published, in one event loop."""

from collector import event_loop
from collector.app_context import open_app
from collector.service import CollectorService
from collector.settings import CollectorSettings
from core.runtime.service import Service
from core.runtime.shutdown import ShutdownSignal


def run(settings: CollectorSettings, shutdown: ShutdownSignal) -> None:
    """Work until it is time to stop. Raises UserError at the start."""
    event_loop.run(_run(settings, shutdown))


async def _run(settings: CollectorSettings, shutdown: ShutdownSignal) -> None:
    async with open_app(settings) as app:
        service = Service(app.link, shutdown, metrics_listen=settings.metrics.collector_metrics_listen)
        await CollectorService(app).run(service)

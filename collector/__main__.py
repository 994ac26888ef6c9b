"""`python -m collector`: reads printers and publishes the readings; see --help."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from collector.app import CollectorSettings, open_app
from collector.event_loop import look_for_garbage_rarely, run
from collector.service import CollectorService
from core.contract.errors import EXIT_OK, run_command
from core.runtime.logs import configure_logs
from core.runtime.metrics import serve_metrics, service_metrics
from core.runtime.private_files import keep_files_private, make_private
from core.runtime.shutdown import ShutdownSignal


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    keep_files_private()
    argparse.ArgumentParser(
        prog="python -m collector",
        description="Reads the printers of one site by SNMP and publishes the readings by MQTT, until "
        "Ctrl-C. Settings come from the environment and .env: SITE, MQTT_*, SNMP_*. "
        "`printers poll HOST` asks one printer without a broker.",
    ).parse_args(arguments)
    return run_command(_run)


def _run() -> int:
    settings = CollectorSettings.load()
    configure_logs("collector", debug=settings.common.debug)
    make_private(settings.common.data_dir)
    return run(_serve(settings, ShutdownSignal().install()))


async def _serve(settings: CollectorSettings, shutdown: ShutdownSignal) -> int:
    async with open_app(settings) as app:
        listen, link = settings.metrics.collector_metrics_listen, app.link
        stop_metrics = serve_metrics(listen, lambda: service_metrics("collector", link))
        try:
            await CollectorService(app).run(shutdown)
        finally:
            await asyncio.to_thread(stop_metrics)
    return EXIT_OK


if __name__ == "__main__":
    look_for_garbage_rarely()
    sys.exit(main())

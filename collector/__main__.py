"""`python -m collector`: reads printers and publishes the readings; see --help."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from collector.app import CollectorSettings, open_app
from collector.capture.print_recording import print_recording
from collector.discovery.print_sweep import print_sweep
from collector.event_loop import look_for_garbage_rarely, run
from collector.hosts import printers_of
from collector.inventory import Printers, StoredInventory
from collector.once import run_once
from collector.print_readings import print_readings
from collector.service import CollectorService
from core.contract.errors import EXIT_OK, UserError, run_command
from core.domain.addresses import DEFAULT_PORT
from core.runtime.logs import configure_logs
from core.runtime.metrics import serve_metrics, service_metrics
from core.runtime.private_files import keep_files_private, make_private
from core.runtime.shutdown import ShutdownSignal

_EXAMPLES = """\
examples:
  python -m collector                               the service: SITE, MQTT_*, SNMP_* from environment or .env
  python -m collector --once                        read every printer once, exit 0 when everything is stored
  python -m collector --print --host 192.0.2.7      one reading as a JSON line, without broker
  python -m collector --print --host '[2001:db8::7]:1161' --host lib-1.example --profile secure
  python -m collector --print                       every printer of the inventory received last
  python -m collector --discover 192.0.2.0/24       JSON lines of what a sweep finds, without broker
  python -m collector --capture --host 192.0.2.7    an anonymised recording of a printer

Exit codes: 0 done; 1 --once: readings are not stored, their number is said; 2 it could not be done.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    keep_files_private()
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.host and not (given.print or given.capture):
        parser.error("--host goes with --print and --capture: the service reads its inventory")
    if given.capture and len(given.host or ()) != 1:
        parser.error("--capture records one printer: name it by --host")
    return run_command(lambda: _run(given))


def _run(given: argparse.Namespace) -> int:
    settings = CollectorSettings.load()
    configure_logs("collector", debug=settings.common.debug)
    make_private(settings.common.data_dir)
    if given.print:
        return run(print_readings(settings, _printers(given, settings)))
    if given.discover:
        networks, ports = given.discover, given.port or [DEFAULT_PORT]
        return run(print_sweep(settings, networks, ports, profile=given.profile, confirmed=given.yes))
    if given.capture:
        return run(print_recording(settings, printers_of(given.host, given.profile)[0], given.also))
    if given.once:
        return run(_once(settings))
    return run(_serve(settings, ShutdownSignal().install()))


def _printers(given: argparse.Namespace, settings: CollectorSettings) -> Printers:
    if given.host:
        return printers_of(given.host, given.profile)
    known = StoredInventory(settings.common.data_dir, settings.common.site).read()
    if known is None:
        raise UserError(
            f"no inventory of site {settings.common.site} is kept in {settings.common.data_dir}: "
            "name a printer by --host, or let the collector run once."
        )
    return known


async def _once(settings: CollectorSettings) -> int:
    async with open_app(settings) as app:
        return await run_once(app)


async def _serve(settings: CollectorSettings, shutdown: ShutdownSignal) -> int:
    async with open_app(settings) as app:
        listen, link = settings.metrics.collector_metrics_listen, app.link
        stop_metrics = serve_metrics(listen, lambda: service_metrics("collector", link))
        try:
            await CollectorService(app).run(shutdown)
        finally:
            await asyncio.to_thread(stop_metrics)
    return EXIT_OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m collector",
        description="Reads the printers of one site by SNMP and publishes the readings by MQTT.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_ways(parser)
    _add_options(parser)
    return parser


def _add_ways(parser: argparse.ArgumentParser) -> None:
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--once", action="store_true", help="read every printer once, wait for all receipts, end"
    )
    way.add_argument(
        "--print", action="store_true", help="JSON lines of readings to standard output, no broker"
    )
    way.add_argument("--discover", nargs="+", metavar="NETWORK", help="sweep networks for printers")
    way.add_argument("--capture", action="store_true", help="record the printer of --host, anonymised")


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        action="append",
        metavar="ADDR[:PORT]",
        help="with --print: this printer instead of the inventory; can be repeated; with --capture: whom",
    )
    parser.add_argument(
        "--profile",
        default="default",
        metavar="NAME",
        help="how to ask, a name in SNMP_PROFILES (default: SNMP_VERSION, SNMP_COMMUNITY)",
    )
    parser.add_argument(
        "--port", action="append", type=int, metavar="PORT", help="with --discover: UDP ports (default 161)"
    )
    parser.add_argument("--yes", action="store_true", help="with --discover: more than a /16 is meant")
    parser.add_argument(
        "--also", action="append", default=[], metavar="OID", help="with --capture: what stands below it, too"
    )


if __name__ == "__main__":
    look_for_garbage_rarely()
    sys.exit(main())

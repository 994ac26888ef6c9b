"""Do the services live, and does every site have a collector? By their heartbeats in the database."""

from collections import Counter
from collections.abc import Iterator

from console.check.context import StoredFleet
from core.domain.units import ago, counted
from core.runtime.check_results import CheckResult, ok, warning
from core.storage.services import Heartbeat, newest

_START = "`printers up` runs everything on this machine."
_WITHOUT = {
    "notifier": "no summary, notice or mail about an issue leaves",
    "dashboard": "its pages do not answer, or it does not reach the broker",
}
"""What is missing without a service."""


def check_services(stored: StoredFleet) -> Iterator[CheckResult]:
    """Yield findings on the processor first: without it nothing is known of the others."""
    processor = _living_or_newest(stored, "processor")
    if processor is None:
        yield warning("no service has ever worked on this database", _START)
        return
    if processor.is_silent(stored.now):
        yield warning(
            f"the processor was last heard of {ago(processor.seen_at, stored.now, brief=True)}",
            _START,
        )
        return
    yield ok(f"the processor on {processor.instance} lives")
    for service, without in _WITHOUT.items():
        yield _single(stored, service, without)
    printers = Counter(printer.site for printer in stored.printers)
    sites = {*printers, *(each.site for each in stored.services if each.service == "collector" and each.site)}
    for site in sorted(sites):
        yield from _site(stored, site, printers[site])


def _single(stored: StoredFleet, service: str, without: str) -> CheckResult:
    """Yield a finding on a service of which one instance is enough, wherever it runs."""
    heartbeat = _living_or_newest(stored, service)
    if heartbeat is not None and not heartbeat.is_silent(stored.now):
        return ok(f"the {service} on {heartbeat.instance} lives")
    since = (
        f"was last heard of {ago(heartbeat.seen_at, stored.now, brief=True)}"
        if heartbeat
        else "has never reported"
    )
    mend = f"Look at its log lines, run `python -m {service}`, or {_START}"
    return warning(f"the {service} {since}: {without}", mend)


def _living_or_newest(stored: StoredFleet, service: str, site: str | None = None) -> Heartbeat | None:
    """Return an instance that lives, even where another one has said goodbye since; else the newest."""
    living = [each for each in stored.services if not each.is_silent(stored.now)]
    return newest(living, service, site) or newest(stored.services, service, site)


def _site(stored: StoredFleet, site: str, printers: int) -> Iterator[CheckResult]:
    collector = _living_or_newest(stored, "collector", site)
    waiting = f"{counted(printers, 'printer')} of the site {site}"
    if collector is not None and not collector.is_silent(stored.now):
        yield ok(f"the collector on {collector.instance} lives and asks {waiting}")
        if collector.counters.get("trap_port_missing"):
            yield warning(
                f"the collector on {collector.instance} hears no traps: its UDP port is not open",
                "Does another program use its TRAP_PORT, and may it use a port below 1024? Its log says why.",
            )
    elif printers:
        since = (
            f"was last heard of {ago(collector.seen_at, stored.now, brief=True)}"
            if collector
            else "has never reported"
        )
        mend = f"Run `python -m collector` with SITE={site} there, or {_START}"
        yield warning(f"nobody asks {waiting}: its collector {since}", mend)

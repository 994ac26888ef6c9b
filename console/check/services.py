"""Do the services live, and does every site have a collector? By their heartbeats in the database."""

from collections import Counter
from collections.abc import Iterator

from console.check.findings import Finding, ok, warning
from console.check.surroundings import Stored
from console.terminal import ago, counted
from fleet.states import newest

_SUBJECT = "services"
_START = "`printers up` runs everything on this machine."


def check_services(stored: Stored) -> Iterator[Finding]:
    """The processor first: without it nothing is known of the others."""
    processor = newest(stored.services, "processor")
    if processor is None:
        yield warning(_SUBJECT, "no service has ever worked on this database", _START)
        return
    if processor.is_silent(stored.now):
        yield warning(
            _SUBJECT, f"the processor was last heard of {ago(processor.seen_at, stored.now)}", _START
        )
        return
    yield ok(_SUBJECT, f"the processor on {processor.instance} lives")
    printers = Counter(printer.site for printer in stored.printers)
    sites = {*printers, *(life.site for life in stored.services if life.service == "collector" and life.site)}
    for site in sorted(sites):
        yield from _site(stored, site, printers[site])


def _site(stored: Stored, site: str, printers: int) -> Iterator[Finding]:
    collector = newest(stored.services, "collector", site)
    waiting = f"{counted(printers, 'printer')} of the site {site}"
    if collector is not None and not collector.is_silent(stored.now):
        yield ok(_SUBJECT, f"the collector on {collector.instance} lives and asks {waiting}")
    elif printers:
        since = (
            f"was last heard of {ago(collector.seen_at, stored.now)}" if collector else "has never reported"
        )
        mend = f"Run `python -m collector` with SITE={site} there, or {_START}"
        yield warning(_SUBJECT, f"nobody asks {waiting}: its collector {since}", mend)

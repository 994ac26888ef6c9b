"""The inventory of each site, published to its collector in chunks of one revision."""

import hashlib
import logging
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Engine, func, select

from core.contract.messages import InventoryChunk, PolledPrinter
from core.contract.slugs import SLUG
from core.contract.topics import INVENTORY
from core.runtime.mqtt_link import MqttLink
from core.storage.database import reading
from processor.tables import PRINTERS

log = logging.getLogger(__name__)

MAX_CHUNK_BYTES: Final = 90_000
"""Of the printers in a chunk: the whole message stays under 100 KiB."""
_ROWS_AT_ONCE: Final = 1_000
_POLLED: Final = TypeAdapter(tuple[PolledPrinter, ...])


class InventoryPublisher:
    """Publishes on every connect, on change, and when a collector comes online."""

    def __init__(self, engine: Engine, link: MqttLink) -> None:
        self._engine = engine
        self._link = link
        self._lock = threading.Lock()
        self._due: set[str] = set()
        self._all_due = True
        self._seen: tuple[object, ...] = ()
        self._payloads: dict[str, list[str]] = {}
        """By site: its chunks as they are published; of ten thousand printers the text is a tenth."""
        self._retained: dict[str, set[int]] = defaultdict(set)
        """By site: the chunks that the broker holds, as it tells us."""
        link.on_connect(self._connected)

    def _connected(self) -> None:
        with self._lock:
            self._all_due = True
            self._retained.clear()

    def request(self, site: str) -> None:
        """Publish the inventory of a site whose collector has come online."""
        if SLUG.fullmatch(site):
            with self._lock:
                self._due.add(site)

    def echoed(self, topic: str, payload: bytes) -> None:
        """Take a retained chunk, of ours or of a processor before us."""
        levels = INVENTORY.levels(self._link.prefix, topic) or {}
        if not levels.get("chunk", "").isdecimal():
            return
        with self._lock:
            chunks = self._retained[levels["site"]]
            (chunks.add if payload else chunks.discard)(int(levels["chunk"]))

    def step(self) -> None:
        """Publish what is due, clear what is superseded."""
        if not self._link.connected.is_set():
            return
        changed = self._look()
        with self._lock:
            everything = self._all_due or changed
            due, self._due, self._all_due = self._due, set(), False
            held = {site: set(chunks) for site, chunks in self._retained.items() if chunks}
        for site in sorted(self._payloads.keys() | held.keys() | due if everything else due):
            self._publish(site, self._inventory(site))
        for site, chunks in held.items():
            self._clear(site, sorted(chunk for chunk in chunks if chunk >= len(self._inventory(site))))

    def _look(self) -> bool:
        """Read the inventory where it has changed."""
        with reading(self._engine) as connection:
            seen = _fingerprint(connection)
            if seen == self._seen:
                return False
            by_site = groupby(_polled(connection), key=itemgetter(0))
            self._payloads = {
                site: _payloads(site, (printer for _, printer in printers)) for site, printers in by_site
            }
        self._seen = seen
        log.info("the inventory has changed; sites: %d", len(self._payloads))
        return True

    def _inventory(self, site: str) -> Sequence[str]:
        return self._payloads.get(site) or _payloads(site, ())

    def _publish(self, site: str, payloads: Sequence[str]) -> None:
        for chunk, payload in enumerate(payloads):
            topic = INVENTORY.name(self._link.prefix, site=site, chunk=chunk)
            if not self._link.publish(topic, payload, retain=True):
                with self._lock:
                    self._all_due = True
                return
        log.debug("site %s: inventory published in %d chunks", site, len(payloads))

    def _clear(self, site: str, superseded: Iterable[int]) -> None:
        for chunk in superseded:
            topic = INVENTORY.name(self._link.prefix, site=site, chunk=chunk)
            self._link.publish(topic, b"", retain=True)


def chunks_of(site: str, printers: Iterable[PolledPrinter]) -> Iterator[InventoryChunk]:
    """Yield the inventory of a site as one revision, complete also where it is empty.

    Printers are held as text until their chunk is built: as objects, 100,000 would take 100 MB.
    """
    parts: list[str] = []
    part: list[str] = []
    digest, size = hashlib.sha256(), 0
    for printer in printers:
        text = printer.model_dump_json()
        octets = text.encode()
        digest.update(octets)
        if size + len(octets) > MAX_CHUNK_BYTES:
            parts.append(",".join(part))
            part, size = [], 0
        part.append(text)
        size += len(octets) + 1
    parts.append(",".join(part))
    revision = digest.hexdigest()[:16]
    for number, text in enumerate(parts):
        own = _POLLED.validate_json(f"[{text}]")
        yield InventoryChunk(site=site, revision=revision, chunk=number, chunks=len(parts), printers=own)


def _payloads(site: str, printers: Iterable[PolledPrinter]) -> list[str]:
    return [chunk.model_dump_json() for chunk in chunks_of(site, printers)]


def _fingerprint(connection: Connection) -> tuple[object, ...]:
    """Return a value that changes with every edit: cheap enough to ask every two seconds."""
    count, versions, newest = func.count(), func.sum(PRINTERS.c.version), func.max(PRINTERS.c.updated_at)
    return tuple(connection.execute(select(count, versions, newest).select_from(PRINTERS)).one())


def _polled(connection: Connection) -> Iterator[tuple[str, PolledPrinter]]:
    """Yield what collectors poll with its site, by site; what cannot be polled is logged."""
    columns = (PRINTERS.c[name] for name in ("site", "printer_id", "host", "port", "profile"))
    statement = select(*columns).where(PRINTERS.c.enabled).order_by(PRINTERS.c.site, PRINTERS.c.printer_id)
    for row in connection.execute(statement, execution_options={"yield_per": _ROWS_AT_ONCE}):
        try:
            if not SLUG.fullmatch(row.site):
                raise ValueError(f"its site {row.site!r} is not a name")  # noqa: TRY301
            printer = PolledPrinter(
                printer_id=row.printer_id, host=row.host, port=row.port, profile=row.profile
            )
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            log.warning("%s: cannot be polled: %s", row.printer_id, wrong)
        except ValueError as error:
            log.warning("%s: cannot be polled: %s", row.printer_id, error)
        else:
            yield row.site, printer

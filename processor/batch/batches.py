"""The batch loop: gather, judge and store in one transaction, then the receipts; no receipt, no loss."""

import logging
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as ConnectionsTimeout

from core.contract.messages import Receipt, RefusedReading
from core.contract.topics import CHECKED_PRINTER, READING, STORED
from core.runtime.failures import failure_text
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import RuleSettings
from core.runtime.wall_clock import utc_now
from processor.batch.inbox import USUAL_SIZE, Arrival, BatchSize, Inbox
from processor.batch.incoming import read_arrival, short_line
from processor.batch.printer_batch import Received
from processor.batch.store import Outcome, ReadingRefused, in_order, store
from processor.counters import Counters
from processor.publish.rejected import Rejections

log = logging.getLogger(__name__)

_WAIT_SECONDS: Final = 0.5
_MAX_PAUSE_SECONDS: Final = 30.0
_FAILURES_OF_ALL: Final = (DBAPIError, ConnectionsTimeout, MemoryError, OSError)
"""Failures of the database or of the process, which pass: no reading is refused for them."""


@dataclass(frozen=True)
class BatchLimits:
    """Limits by which batches are gathered and judged."""

    rules: RuleSettings
    size: BatchSize = USUAL_SIZE


class Batches:
    """Runs in one thread until `stopping`; what is not committed then is sent again by its spool."""

    def __init__(
        self, engine: Engine, link: MqttLink, limits: BatchLimits, rejections: Rejections, counters: Counters
    ) -> None:
        self.inbox = Inbox()
        self._engine = engine
        self._link = link
        self.limits = limits
        """Replaced as a whole where somebody changes a threshold; a batch goes by one of them."""
        self._rejections = rejections
        self._counters = counters
        self._full = False

    def arrived(self, topic: str, payload: bytes) -> None:
        """Queue a message of a reading topic, in the connection's thread."""
        if topic.split("/")[-3:-2] == [CHECKED_PRINTER]:
            return
        full = not self.inbox.put(Arrival(topic, payload, utc_now()))
        if full and not self._full:
            log.warning("more readings arrive than can be stored; what has no receipt is sent again")
        self._full = full

    def run(self, stopping: threading.Event) -> None:
        """Store batch after batch."""
        while not stopping.is_set():
            arrivals = self.inbox.take(self.limits.size, _WAIT_SECONDS)
            if arrivals:
                self.handle(arrivals, stopping)

    def handle(self, arrivals: Sequence[Arrival], stopping: threading.Event) -> Outcome:
        """Handle one batch, from messages to receipts; returns its outcome."""
        readings: list[Received] = []
        refusals: dict[str, list[RefusedReading]] = defaultdict(list)
        for arrival in arrivals:
            read = read_arrival(arrival, self._link.prefix)
            if isinstance(read, Received):
                readings.append(read)
                continue
            self._rejections.note(arrival.topic, arrival.payload, read.reason)
            if read.site and read.refusal:
                refusals[read.site].append(read.refusal)
        outcome = self._committed(readings, stopping) if readings else Outcome()
        for refused in outcome.refused:
            self._refuse(refused, refusals)
        self._send_receipts(outcome, refusals)
        self._count(outcome)
        return outcome

    def _refuse(self, refused: ReadingRefused, refusals: dict[str, list[RefusedReading]]) -> None:
        reading, reason = refused.received.reading, short_line(refused.reason)
        if refused.broken:
            topic = READING.name(self._link.prefix, printer_id=reading.printer_id, site=reading.site)
            self._rejections.note(topic, refused.received.payload, reason)
        log.debug("%s: refused reading %s: %s", reading.printer_id, reading.id, reason)
        refusals[reading.site].append(RefusedReading(id=reading.id, reason=reason))

    def _committed(self, readings: Sequence[Received], stopping: threading.Event) -> Outcome:
        """Store them, however long the database is away; when stopping, what is not stored stays unnamed."""
        pause, waited = 0.2, False
        while True:
            try:
                outcome = self._isolated(in_order(readings))
            except _FAILURES_OF_ALL as error:
                if not waited:
                    self._counters.retries += 1
                    log.warning("a batch cannot be stored now (%s); trying again", failure_text(error))
                waited = True
                if stopping.wait(pause):
                    return Outcome()
                pause = min(pause * 2, _MAX_PAUSE_SECONDS)
            else:
                if waited:
                    log.info("batches are stored again")
                return outcome

    def _isolated(self, readings: Sequence[Received]) -> Outcome:
        """Store them; where it is a reading that makes it fail, that one is refused and the others stored."""
        try:
            return store(self._engine, readings, self.limits.rules, utc_now())
        except Exception as error:
            if isinstance(error, _FAILURES_OF_ALL) and not isinstance(error, DataError | IntegrityError):
                raise
            if len(readings) == 1:
                log.exception("%s: a reading cannot be stored", readings[0].reading.printer_id)
                reason = f"the reading cannot be stored: {failure_text(error)}"
                return Outcome(refused=[ReadingRefused(readings[0], reason, broken=True)])
        half = len(readings) // 2
        outcome = self._isolated(readings[:half])
        outcome.add(self._isolated(readings[half:]))
        return outcome

    def _send_receipts(self, outcome: Outcome, refusals: dict[str, list[RefusedReading]]) -> None:
        stored: dict[str, list[str]] = defaultdict(list)
        for received in outcome.stored:
            stored[received.reading.site].append(received.reading.id)
        for site in sorted(stored.keys() | refusals.keys()):
            receipt = Receipt(site=site, stored=tuple(stored[site]), refused=tuple(refusals[site]))
            # Away? Then the readings come again, and are receipted as repeated ones.
            self._link.publish(STORED.name(self._link.prefix, site=site), receipt.model_dump_json())

    def _count(self, outcome: Outcome) -> None:
        counters = self._counters
        counters.batches += 1
        counters.readings += len(outcome.stored)
        counters.repeated += outcome.repeated
        counters.late += outcome.late
        counters.refused += len(outcome.refused)
        counters.lags.extend(max(0.0, (r.at - r.reading.taken_at).total_seconds()) for r in outcome.stored)

"""The service: goes round the printers, and does what the broker's messages ask for, until it is stopped."""

import asyncio
import logging
import time
from datetime import timedelta
from typing import Final

from collector import event_loop
from collector.app import CollectorApp, open_app
from collector.discovery.allowed_networks import require_allowed
from collector.discovery.progress import DiscoveryProgress
from collector.discovery.service import EVERY_SECONDS, DiscoveryService
from collector.inventory import Printers
from collector.message_handler import MessageHandler
from collector.schedule import Schedule
from collector.scheduler import Scheduler
from collector.settings import CollectorSettings
from collector.status_checks import LOOK_SECONDS, StatusChecks
from collector.subscriber import listen
from collector.traps.trap_handler import TrapHandler
from core.contract.discovery_messages import Discovered
from core.contract.topics import DISCOVERED, INVENTORY, READING, STORED
from core.domain.networks import Sweep
from core.runtime.mqtt_link import HEARTBEAT_SECONDS
from core.runtime.periodic import repeat
from core.runtime.service import Service
from core.runtime.shutdown import ShutdownSignal
from core.runtime.wall_clock import utc_now

log = logging.getLogger(__name__)

_SAVE_SECONDS: Final = 300.0
_INTERVALS_WITHOUT_RECEIPT: Final = 3
_SECONDS_WITHOUT_INVENTORY: Final = 90.0
_LATE_SECONDS: Final = 10.0


def run(settings: CollectorSettings, shutdown: ShutdownSignal) -> None:
    """Work until it is time to stop. Raises UserError at the start."""
    event_loop.run(_run(settings, shutdown))


async def _run(settings: CollectorSettings, shutdown: ShutdownSignal) -> None:
    async with open_app(settings) as app:
        service = Service(app.link, shutdown, metrics_listen=settings.metrics.collector_metrics_listen)
        await CollectorService(app).run(service)


class CollectorService:
    """The collector while it works: polls, messages, traps and discovery in one event loop."""

    def __init__(self, app: CollectorApp) -> None:
        settings = app.settings.snmp
        self.app = app
        self._quiet_hours = settings.quiet_hours()
        schedule = Schedule(
            settings.poll_interval,
            quiet_left=self._quiet_left,
            quiet_interval=settings.snmp_quiet_poll_interval_seconds,
        )
        self.scheduler = Scheduler(schedule, app.poller, settings.snmp_concurrency)
        self.status_checks = StatusChecks(
            settings.snmp_check_interval_seconds, app.client.read_status, self.scheduler.poll_soon
        )
        site = app.settings.common.site
        per_second = app.settings.addresses_per_second
        progress = DiscoveryProgress(settings, site, self._tell_found, EVERY_SECONDS, per_second)
        self.discovery = DiscoveryService(progress, self._require_allowed)
        self.messages = MessageHandler(
            app.publisher, site, self._use, self.scheduler.refresh, self.discovery.on_request
        )
        self.traps = TrapHandler(
            app.settings.traps, settings, app.settings.instance, self.scheduler.poll_soon
        )
        self._counted = (0, time.monotonic())
        self._processor_was_there = self._told_that_it_is_there = True
        self._unanswered_since: float | None = None
        self._complained = False
        self._in_use: Printers | None = None
        self._saving: asyncio.Task[None] | None = None

    async def run(self, service: Service) -> None:
        """Work until the service is told to stop."""
        app, loop, stopping = self.app, asyncio.get_running_loop(), asyncio.Event()
        service.shutdown.on_stop(lambda: loop.call_soon_threadsafe(stopping.set))
        app.publishing.add_done_callback(lambda _: stopping.set())  # it never ends by itself but by a fault
        if app.settings.traps.trap_port is not None:
            await self.traps.open()
        known = app.inventory.read()
        if known is None:
            log.info("no inventory yet: waiting for the processor's")
        else:
            self._use(known)
        listen(app.link, app.settings.common.site, loop, self.messages)
        service.start()
        try:
            async with asyncio.TaskGroup() as tasks:
                polling = tasks.create_task(self.scheduler.run())
                # In the loop, not in threads of the service: what they look at belongs to the loop.
                repeated = [
                    repeat(
                        "heartbeat",
                        self._beat,
                        HEARTBEAT_SECONDS,
                        self.messages.connected,
                        at_once=False,
                    ),
                    repeat("capabilities of printers", self._save_capabilities, _SAVE_SECONDS, at_once=False),
                ]
                if app.settings.snmp.snmp_check_interval_seconds:
                    repeated.append(repeat("status checks", self._check_status, LOOK_SECONDS))
                running = [tasks.create_task(each) for each in repeated]
                await stopping.wait()
                self.scheduler.stop()
                await polling
                for task in running:
                    task.cancel()
        finally:
            self.traps.close()
            await self.discovery.close()
            await self.status_checks.close()
            await asyncio.to_thread(service.stop)

    async def counters(self) -> dict[str, float]:
        """Return the counters for the heartbeat."""
        app, now = self.app, time.monotonic()
        poller, spool, publisher = app.poller, app.publisher.spool, app.publisher
        (before, since), self._counted = self._counted, (poller.readings, now)
        oldest = await publisher.on_disk(spool.oldest_at)
        age = 0.0 if oldest is None else max(0.0, utc_now().timestamp() - oldest)
        return {
            "readings_per_minute": round((poller.readings - before) * 60 / max(1.0, now - since), 1),
            "unreachable": len(poller.silent),
            "spool_readings": spool.readings,
            "printers": len(self.scheduler.schedule),
            "readings": poller.readings,
            "in_flight": len(publisher.window),
            "oldest_unreceipted_seconds": round(age, 1),
            "behind_seconds": round(self.scheduler.behind_seconds(), 1),
            "dropped": spool.dropped,
            "refused": self.messages.refused,
            "resent": publisher.resent,
            "unsaved": spool.unsaved,
            "other_address": len(app.driver.elsewhere),
            "sweeps": self.discovery.sweeps,
            "status_checks": self.status_checks.answers,
            "status_check_polls": self.status_checks.polls,
            **(self.traps.counters() if self.app.settings.traps.trap_port is not None else {}),
        }

    def _use(self, printers: Printers) -> None:
        came, went = self.scheduler.replace(printers)
        if came or went or self._in_use is None:
            log.info("%d printers to read: %d new or changed, %d gone", len(printers), came, went)
            self.app.poller.keep_only(printer.printer_id for printer in printers)
            self.app.memory.keep_only(printers)
            self.traps.replace(printers)
            settings = self.app.settings.snmp
            self.status_checks.replace(one for one in printers if settings.checks_status(one.profile))
        if printers != self._in_use:
            self._in_use = printers
            saving = self.app.publisher.on_disk(self.app.inventory.write, printers)
            self._saving = asyncio.get_running_loop().create_task(saving)

    async def _check_status(self) -> None:
        """Check the printers whose turn it is, unless polls are late already: those of silent ones may be.

        None in quiet hours.
        """
        late, silent = self.scheduler.behind_seconds(failing=False) > _LATE_SECONDS, self.app.poller.silent
        rest = late or self._quiet_left() is not None
        is_polled = self.scheduler.schedule.is_polled
        await self.status_checks.step(
            lambda printer_id: rest or printer_id in silent or is_polled(printer_id)
        )

    def _quiet_left(self, seconds_from_now: float = 0.0) -> float | None:
        """Return how long quiet hours still last at a moment; None where it is in none."""
        if self._quiet_hours is None:
            return None
        return self._quiet_hours.seconds_left(utc_now() + timedelta(seconds=seconds_from_now))

    def _require_allowed(self, sweep: Sweep) -> None:
        settings = self.app.settings
        setting, site = settings.discovery.discover_networks, settings.common.site
        require_allowed(sweep, setting, site, self._in_use or ())

    def _tell_found(self, message: Discovered) -> bool:
        link = self.app.link
        return link.publish(DISCOVERED.name(link.prefix, site=message.site), message.model_dump_json())

    async def _beat(self) -> None:
        """Renew the presence, and say what the heartbeats of others give away."""
        self.app.link.heartbeat(await self.counters())
        self._tell_of_the_processor()
        self._tell_of_missing_answers()

    async def _save_capabilities(self) -> None:
        """Save what was learnt about the printers' ways."""
        memory = self.app.memory
        await self.app.publisher.on_disk(memory.save, memory.snapshot())

    def _tell_of_the_processor(self) -> None:
        """Say that no processor is there, once two heartbeats found none: it may just be starting."""
        there, was_there = self.app.publisher.processor_is_there, self._processor_was_there
        self._processor_was_there = there
        if there and not self._told_that_it_is_there:
            log.info("a processor is there again")
        elif not (there or was_there) and self._told_that_it_is_there:
            log.warning("no processor is there: readings wait in the spool")
        else:
            return
        self._told_that_it_is_there = there

    def _tell_of_missing_answers(self) -> None:
        """Say what is likely wrong where a processor is there and nothing of it arrives, once."""
        app, now = self.app, time.monotonic()
        interval = app.settings.snmp.snmp_poll_interval_seconds
        waits_for_receipts = len(app.publisher.window) > 0
        missing = app.publisher.processor_is_there and (waits_for_receipts or self._in_use is None)
        if not (missing and app.link.connected.is_set()):
            self._unanswered_since, self._complained = None, False
            return
        heard_at = self.messages.receipted_at
        since = self._unanswered_since = max(self._unanswered_since or now, heard_at or 0.0)
        patience = (
            max(_SECONDS_WITHOUT_INVENTORY, _INTERVALS_WITHOUT_RECEIPT * interval)
            if waits_for_receipts
            else _SECONDS_WITHOUT_INVENTORY
        )
        if now - since < patience:
            self._complained = False
        elif not self._complained:
            self._complained = True
            log.error("%s", self._likely_cause(now - since, waits_for_receipts=waits_for_receipts))

    def _likely_cause(self, seconds: float, *, waits_for_receipts: bool) -> str:
        link, site = self.app.link, self.app.settings.common.site
        user = link.settings.mqtt_username
        who = f"the user {user!r}" if user else "this collector"
        if waits_for_receipts:
            missing = f"no receipt has come for {seconds / 60:.0f} minutes: readings wait in the spool"
            receipts = STORED.name(link.prefix, site=site)
            rights = f"publish {READING.filter(link.prefix, site=site)} and read {receipts}"
        else:
            missing = f"no list of printers to read has come for {seconds / 60:.0f} minutes"
            rights = f"read {INVENTORY.filter(link.prefix, site=site)}"
        return (
            f"{missing}. Either no processor works, or the broker does not let {who} {rights} (access list); "
            "`printers check` finds out"
        )

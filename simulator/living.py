"""One simulated printer at work: its life goes on while it is asked, and its agent shows it."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from core.contract.mib_names import OID
from core.contract.vendor_objects import FIRMWARE_OBJECTS, VENDOR_COLUMN_OID
from simulator.agent import V1, V2C, SimulatedAgent
from simulator.conditions import conditions
from simulator.life import Life
from simulator.plan import PlannedPrinter
from simulator.recording import Arcs, arcs_of, text
from simulator.report import SimulatedReport, identity
from simulator.upsets import LASTING, upset
from simulator.view import MibView

log = logging.getLogger(__name__)

_VERSIONS: Final = {"1": V1, "2c": V2C}
_ALERTS: Final = arcs_of(OID["prtAlertEntry"])
_FIRMWARES: Final = tuple(
    arcs_of(VENDOR_COLUMN_OID[column.name]) for one in FIRMWARE_OBJECTS for column in one.columns
)
_UPDATED_OF: Final = 3
_UPTIME_EVERY: Final = 1.0
_THERE_AT_FIRST: Final = 20.0
"""Real seconds in which a printer that begins as gone still answers: it is to be reached once."""
_HEAD_START: Final = 300  # seconds of its life: a fleet begins in the middle of what happens


def _firmware(plan: PlannedPrinter) -> dict[Arcs, bytes]:
    """Return the older version of the firmware, for those that have not been updated."""
    older = plan.shape.manner.older_firmware
    if not older or plan.seed % _UPDATED_OF:
        return {}
    told = {arcs for arcs in plan.shape.values if any(arcs[: len(head)] == head for head in _FIRMWARES)}
    return {arcs: text(older, plan.shape.manner.encoding) for arcs in told}


class LivingPrinter:
    """Answers as its printer would at that moment; `seconds` is real time since the fleet began."""

    def __init__(
        self, plan: PlannedPrinter, speed: float, community: bytes, memory: Mapping[str, Any] | None = None
    ) -> None:
        self.plan = plan
        self.life = Life(plan.shape, plan.seed, plan.jobs_per_hour, plan.jam_every_pages)
        self._speed = speed
        if memory is not None:
            self.life.remember(memory)
        for kind in plan.beginning:
            if memory is None or kind not in LASTING:
                upset(self.life, kind)
        self._report = SimulatedReport(self.life, plan.base_uptime, 100.0 / speed)
        self._shown: dict[Arcs, bytes] = dict(plan.shape.values)
        names = {
            "sysName": plan.printer_id,
            "sysLocation": plan.location,
            "prtGeneralSerialNumber": plan.serial,
        }
        self._own = identity(plan.shape, names) | _firmware(plan)
        self._view = MibView(self._shown | self._own)
        self._shown = {arcs: value for arcs, value in self._shown.items() if arcs[: len(_ALERTS)] == _ALERTS}
        self._seen = -1
        self._told: frozenset[str] = frozenset()
        self._uptime_at = -_UPTIME_EVERY
        versions = frozenset(_VERSIONS[name] for name in plan.shape.manner.versions)
        self._agent = SimulatedAgent(self._view, community, versions)

    def answer(self, message: bytes, seconds: float) -> bytes | None:
        """Return the answer to one request; None while the printer is gone."""
        self.live(seconds)
        gone = self.life.gone and seconds >= _THERE_AT_FIRST
        return None if gone else self._agent.answer(message)

    def values(self) -> dict[Arcs, bytes]:
        """Return what its agent shows as it is now, encoded."""
        return {**self.plan.shape.values, **self._own, **self._report.values()}

    def live(self, seconds: float) -> None:
        """Go on until now, and show what has changed."""
        self.life.advance(seconds * self._speed + self.plan.seed % _HEAD_START)
        changed = self._seen != self.life.changes
        if changed or seconds - self._uptime_at >= _UPTIME_EVERY:
            self._uptime_at = seconds
            self._show(self._report.values() if changed else self._shown)
            self._seen = self.life.changes
        if changed:
            self._tell()

    def _tell(self) -> None:
        """Log each condition that begins or ends, to be compared with what the system finds."""
        manner = self.plan.shape.manner
        now = {f"{manner.text(one.kind, one.part)} ({one.kind})" for one in conditions(self.life)}
        if self.life.gone:
            now.add("does not answer (off or cut off)")
        for words in sorted(now - self._told):
            log.info("%s: %s", self.plan.printer_id, words)
        for words in sorted(self._told - now):
            log.info("%s: over: %s", self.plan.printer_id, words)
        self._told = frozenset(now)

    def _show(self, values: dict[Arcs, bytes]) -> None:
        news: dict[Arcs, bytes | None] = {
            arcs: value for arcs, value in values.items() if self._shown.get(arcs) != value
        }
        news.update(dict.fromkeys(self._shown.keys() - values.keys()))
        self._shown = values
        arcs, ticks = self._report.uptime()
        self._view.update({**news, arcs: ticks})

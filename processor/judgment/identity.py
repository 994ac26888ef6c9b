"""Decide which device answers at a printer's address, and when it is another one than before. Pure.

Two answered readings in a row with one serial number, neither empty nor the known one, are another device.
See docs/decisions/0014-another-device.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from core.contract.messages import Evidence, PrinterState
from core.domain.conditions import DEVICE_CHANGED, OTHER_MODEL, severity_of
from core.domain.serials import serial_of
from processor.rules.findings import Finding

Verdict = Literal["known", "uncertain", "other"]


@dataclass(frozen=True)
class DeviceChange:
    """Another device has come: what the old one was, and what the new one is."""

    serial_before: str
    serial: str
    model_before: str = ""
    model: str = ""
    count_before: int | None = None
    count: int | None = None

    def details(self) -> dict[str, list[Any]]:
        """Return the change as timeline and audit have it: before and after."""
        return {
            "serial": [self.serial_before, self.serial],
            "model": [self.model_before, self.model],
            "marker_life_count": [self.count_before, self.count],
        }


@dataclass(frozen=True, slots=True)
class Identity:
    """What is remembered between readings of the device at an address."""

    number: int = 0
    """How often another device has come."""
    serial: str = ""
    """The known device's serial number as it was reported; "" while none was."""
    candidate: str = ""
    """Another serial number that the newest reading has shown for the first time,"""
    model: str = ""
    """and what the known device said last, before that reading:"""
    count: int | None = None
    """its model and its marker_life_count."""
    serial_before: str = ""
    """That of the device before this one."""
    model_before: str = ""
    changed_at: datetime | None = None

    def is_calm(self, serial: str | None, before: PrinterState) -> bool:
        """Return whether the first device tells the serial number that its state has, as nearly always."""
        return self is NOTHING_KNOWN and serial is not None and serial == before.serial_number

    def seen(self, serial: str | None, before: PrinterState) -> "tuple[Verdict, Identity]":
        """Take in the serial number of an answered reading, None where it has none, after a state."""
        given = serial_of(serial)
        known = serial_of(self.serial)
        calm = replace(self, candidate="", model="", count=None)
        if serial is None or not given:
            return "known", calm
        if not known or given == known:
            return "known", replace(calm, serial=serial.strip())
        if given == serial_of(self.candidate):
            return "other", self
        if self.candidate:
            return "uncertain", replace(self, candidate=serial.strip())
        model, count = before.model or "", before.marker_life_count
        return "uncertain", replace(self, candidate=serial.strip(), model=model, count=count)

    def changed(self, at: datetime) -> "Identity":
        """Return the identity of the candidate, which has become the known device."""
        return Identity(
            number=self.number + 1,
            serial=self.candidate,
            serial_before=self.serial,
            model_before=self.model,
            changed_at=at,
        )

    def number_of_late(self, serial: str | None, at: datetime) -> int | None:
        """Return the number of the device that a late reading is from; None where nobody knows."""
        given = serial_of(serial)
        if given:
            if given == serial_of(self.serial) or not serial_of(self.serial):
                return self.number
            return self.number - 1 if self.number and given == serial_of(self.serial_before) else None
        if self.candidate:
            return None
        earlier = self.changed_at is not None and at < self.changed_at
        return self.number - earlier

    def dump(self) -> dict[str, Any]:
        """Return it as JSON, without what is empty."""
        if self is NOTHING_KNOWN:
            return {}
        values = {
            "number": self.number,
            "serial": self.serial,
            "candidate": self.candidate,
            "model": self.model,
            "count": self.count,
            "serial_before": self.serial_before,
            "model_before": self.model_before,
            "changed_at": self.changed_at.isoformat() if self.changed_at else None,
        }
        return {name: value for name, value in values.items() if value}

    @classmethod
    def load(cls, stored: Any) -> "Identity":
        """Return what was dumped; a part that cannot be read is forgotten."""
        if not stored or not isinstance(stored, dict):
            return NOTHING_KNOWN
        values: Mapping[str, Any] = stored
        number, count = values.get("number"), values.get("count")
        return cls(
            number=number if isinstance(number, int) and number > 0 else 0,
            serial=_text(values.get("serial")),
            candidate=_text(values.get("candidate")),
            model=_text(values.get("model")),
            count=count if isinstance(count, int) else None,
            serial_before=_text(values.get("serial_before")),
            model_before=_text(values.get("model_before")),
            changed_at=_moment(values.get("changed_at")),
        )


NOTHING_KNOWN: Final = Identity()
"""The usual memory: the first device, which its state describes."""


def change_finding(identity: Identity, expected_serial: str, model: str | None) -> Finding | None:
    """Return what says that another device has come; None once the inventory has its serial number."""
    if identity.changed_at is None or not identity.number:
        return None
    if serial_of(expected_serial) == serial_of(identity.serial):
        return None
    now, before = (model or "").strip(), identity.model_before.strip()
    told = {"variant": OTHER_MODEL, "model": now, "model_before": before}
    # The serial numbers are evidence: the message is shown to everybody.
    seen = (
        Evidence(object="prtGeneralSerialNumber", value=identity.serial),
        Evidence(object="serial number before", value=identity.serial_before),
    )
    parameters = told if now and before and now != before else {}
    return Finding(DEVICE_CHANGED, "", severity_of(DEVICE_CHANGED), parameters, seen)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _moment(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else None

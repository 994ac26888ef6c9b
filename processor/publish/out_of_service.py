"""Printers out of service in the states that are published: looked up now and then, beside the readings.

A reading knows nothing of it: what is published of a printer out of service has one field more than what
is stored, and is published again when somebody takes it out or puts it back, or its time is over.
"""

import time
from collections.abc import Mapping
from typing import Final

from pydantic_core import from_json, to_json
from sqlalchemy import Engine

from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from core.storage.out_of_service import OutOfService, read_out_of_service

EVERY_SECONDS: Final = 2.0
FIELD: Final = "out_of_service"
"""Of PrinterState."""


class PublishedOutOfService:
    """Which printers are out of service, as what is published says; for the thread that publishes states."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: Mapping[str, OutOfService] = {}
        self._looked_at = float("-inf")

    def changed(self) -> set[str]:
        """Return the printers of which something else holds than at the last look; few looks ask anything."""
        if time.monotonic() - self._looked_at < EVERY_SECONDS:
            return set()
        with reading(self._engine) as connection:
            found = read_out_of_service(connection, utc_now())
        before, self._known, self._looked_at = self._known, found, time.monotonic()
        return {each for each in before.keys() | found if before.get(each) != found.get(each)}

    def told(self, printer_id: str, payload: str) -> str:
        """Return the JSON of a stored state as it is published."""
        out = self._known.get(printer_id)
        return payload if out is None else to_json(from_json(payload) | {FIELD: out.as_json()}).decode()

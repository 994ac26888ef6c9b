"""Assemble the inventory of this collector from the chunks of one revision, and keep it on disk."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from core.contract.messages import InventoryChunk, PolledPrinter
from core.runtime.json_files import read_json, write_json_list

log = logging.getLogger(__name__)
Printers = tuple[PolledPrinter, ...]

_MAX_REVISIONS: Final = 4  # incomplete ones remembered: older ones have been superseded
_MAX_CHUNKS: Final = 10_000
_PRINTERS: Final = TypeAdapter(Printers)


class InventoryAssembly:
    """The chunks received so far. Nothing changes before a revision is complete."""

    def __init__(self, site: str) -> None:
        self.site = site
        self._revisions: dict[tuple[str, int], dict[int, Printers]] = {}

    def add(self, chunk: InventoryChunk) -> Printers | None:
        """Return the printers of the chunk's revision once all of its chunks are there; None before."""
        if chunk.site != self.site or not 0 <= chunk.chunk < chunk.chunks <= _MAX_CHUNKS:
            return None
        key = (chunk.revision, chunk.chunks)
        parts = self._revisions.pop(key, {})
        parts[chunk.chunk] = chunk.printers
        if len(parts) < chunk.chunks:
            self._revisions[key] = parts  # now the newest one
            while len(self._revisions) > _MAX_REVISIONS:
                del self._revisions[next(iter(self._revisions))]
            return None
        self._revisions.clear()
        by_id = {printer.printer_id: printer for number in sorted(parts) for printer in parts[number]}
        return tuple(by_id.values())


class StoredInventory:
    """The last complete inventory of a site, for when the broker is away."""

    def __init__(self, data_dir: Path, site: str) -> None:
        self.path = data_dir / "collector" / f"inventory-{site}.json"

    def read(self) -> Printers | None:
        """Return the printers; None where none have ever been received."""
        stored = read_json(self.path)
        if stored is None:
            return None
        try:
            return _PRINTERS.validate_python(stored)
        except ValidationError as error:
            problem = error.errors()[0]["msg"]
            log.warning("%s is no inventory (%s): waiting for the processor's", self.path, problem)
            return None

    def write(self, printers: Sequence[PolledPrinter]) -> None:
        """Keep them."""
        write_json_list(self.path, (printer.model_dump() for printer in printers))

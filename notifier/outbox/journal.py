"""Record on disk which messages a server has accepted, before the database knows: a crash sends none twice.

The database may be locked for seconds, and the process killed meanwhile; a line appended to a file survives
that. The file's lock also makes sure that one notifier of an instance runs at a time, so that what was under
way when it starts is known to be orphaned.
"""

import os
from pathlib import Path
from typing import Self

from core.contract.errors import UserError
from core.runtime.file_lock import try_lock


class Journal:
    """Open while a notifier of this instance sends."""

    def __init__(self, data_dir: Path, instance: str) -> None:
        self._path = data_dir / f"notifier-{instance}.accepted"
        self._descriptor = -1

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise UserError(
                f"{self._path} cannot be opened ({error.strerror}): may you write there?"
            ) from error
        if not try_lock(self._descriptor):
            os.close(self._descriptor)
            raise UserError(
                f"another notifier of the name {self._path.stem.removeprefix('notifier-')} is running here: "
                "stop it first, or set INSTANCE."
            )
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self._descriptor)

    def accepted(self, mail_id: int) -> None:
        """Record that the server has taken this message."""
        os.write(self._descriptor, f"{mail_id}\n".encode())

    def read(self) -> set[int]:
        """Return what was accepted and not yet forgotten."""
        lines = self._path.read_text(encoding="ascii", errors="replace").splitlines()
        return {int(line) for line in lines if line.isdecimal()}

    def forget(self) -> None:
        """Forget all records: the database has them."""
        os.ftruncate(self._descriptor, 0)

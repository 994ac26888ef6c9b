"""The lock of a DATA_DIR: one `up` or restore at a time; the system frees it however its holder ends."""

import json
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from core.contract.errors import UserError
from core.runtime.file_lock import try_lock

LOCK_FILE: Final = "up.lock"


class DataDirTaken(UserError):
    """Another program works in this DATA_DIR."""


class DataDirLock:
    """Held from acquire() to release() or the end of the process; children do not inherit it."""

    def __init__(
        self, data_dir: Path, holder: str, *, elsewhere: str = "use another folder (DATA_DIR)"
    ) -> None:
        self.path = data_dir / LOCK_FILE
        self.holder = holder
        """What holds it, for the one who finds it taken: `printers up`."""
        self._elsewhere = elsewhere
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise DataDirTaken, which names who holds it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except (FileExistsError, NotADirectoryError) as error:
            raise UserError(f"DATA_DIR: {self.path.parent} is no folder.") from error
        except OSError as error:
            raise UserError(
                f"DATA_DIR: {self.path} cannot be opened ({error.strerror}): may you write to that folder?"
            ) from error
        if not try_lock(descriptor):
            os.close(descriptor)
            raise DataDirTaken(
                f"{_holder(self.path)} is running in {self.path.parent.resolve()}: "
                f"stop it first, or {self._elsewhere}."
            )
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps({"holder": self.holder, "pid": os.getpid()}).encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; the file stays, since removing it would race with the next holder."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.release()


def up_is_running(data_dir: Path) -> bool:
    """Return whether `printers up` holds the lock of a DATA_DIR."""
    path = data_dir / LOCK_FILE
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return not try_lock(descriptor) and _holder(path).startswith("printers up ")
    finally:
        os.close(descriptor)


def _holder(path: Path) -> str:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return f"{said['holder']} (process {said['pid']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another `printers up`"

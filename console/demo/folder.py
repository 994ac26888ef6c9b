"""The folder of a demo: chosen, checked to be a demo's, and shut off from settings of elsewhere."""

import getpass
import json
import os
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from core.contract.errors import UserError
from core.runtime.env_file import ENV_FILE_VARIABLE
from core.runtime.private_files import is_ours, make_private, replace_file
from core.runtime.settings import DatabaseSettings
from core.runtime.settings_doc import BLOCKS
from simulator.server import HOST

_NOTE: Final = "demo.json"
_FIRST_PORT: Final = 16_100
_PORT_STEP: Final = 500
_HIGHEST_PORT: Final = 65_535
_LAST_PORT: Final = 60_000


@dataclass(frozen=True)
class DemoNote:
    """Note in a demo's folder about its fleet, so that it goes on and does not begin anew."""

    printers: int
    seed: int
    port: int
    complete: bool = False
    """Whether history and issues are there."""
    password: str = ""
    """Of its accounts: the folder is its owner's alone."""


@dataclass(frozen=True)
class DemoFolder:
    """Folder where a demo keeps everything."""

    directory: Path

    @property
    def data_dir(self) -> Path:
        """DATA_DIR of the services."""
        return self.directory / "data"

    @property
    def memory(self) -> Path:
        """Counters and levels of the simulated printers."""
        return self.directory / "printers.json"

    @property
    def settings_file(self) -> Path:
        """Settings of its services, for `printers --env-file` in another terminal."""
        return self.directory / ".env"

    def write_settings(self, settings: Mapping[str, str]) -> None:
        """Write the settings of this run."""
        head = "# What `printers demo` runs with; written anew at every start.\n"
        lines = (f"{name}={_quoted(value)}\n" for name, value in settings.items())
        try:
            self.settings_file.write_text(head + "".join(lines), encoding="utf-8")
        except OSError as error:
            raise UserError(
                f"{self.settings_file} cannot be written ({error.strerror}): choose a folder with --dir."
            ) from error

    def database(self) -> DatabaseSettings:
        """Return the settings of its own database, whatever a settings file here says."""
        return DatabaseSettings.model_construct(data_dir=self.data_dir)

    def read(self) -> DemoNote | None:
        """Return the note of an earlier run, None in a new folder. Raises UserError if it is no demo's."""
        self._require_ours()
        path = self.directory / _NOTE
        try:
            if not self.directory.exists() or not any(self.directory.iterdir()):
                return None
            found = json.loads(path.read_text(encoding="utf-8"))
            return DemoNote(**found)
        except FileNotFoundError:
            raise UserError(
                f"{self.directory} is not empty and holds no demo: name another folder with --dir."
            ) from None
        except OSError as error:
            raise UserError(
                f"{self.directory} cannot be used ({error.strerror}): choose one with --dir."
            ) from error
        except (ValueError, TypeError):
            raise UserError(
                f"{path} is not what it should be: delete {self.directory}, or name another --dir."
            ) from None

    def write(self, note: DemoNote) -> None:
        """Make the folder, its owner's alone, and leave the note in it."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._require_ours()  # it may have been made by somebody else since it was looked for
            make_private(self.directory)
            self.data_dir.mkdir(exist_ok=True)
            replace_file(self.directory / _NOTE, [json.dumps(asdict(note)).encode() + b"\n"])
        except OSError as error:
            raise UserError(
                f"{self.directory} cannot be used ({error.strerror}): choose one with --dir."
            ) from error

    def _require_ours(self) -> None:
        """Raise UserError where the folder is there and is somebody else's: nothing in it can be trusted."""
        if self.directory.exists() and not is_ours(self.directory):
            raise UserError(
                f"{self.directory} belongs to somebody else, or is no folder: name one of yours with --dir."
            )


def _quoted(value: str) -> str:
    """Return a value as it stands in a settings file."""
    return f"'{value}'" if "'" not in value and any(sign in value for sign in ' #$"\\') else value


def default_directory() -> Path:
    """Return a folder of this user's in the system's folder for temporary files, there or not.

    Others may have made one of that name first, where the folder is shared, or a link to a folder of ours.
    Raises UserError where nothing can be used.
    """
    shared = Path(tempfile.gettempdir())
    for name in ("printers-demo", f"printers-demo-{getpass.getuser()}"):
        folder = shared / name
        if not folder.is_symlink() and (not folder.exists() or is_ours(folder)):
            return folder
    raise UserError(f"the folders for a demo in {shared} belong to somebody else: name one with --dir.")


def forget_settings() -> None:
    """Take every setting of ours out of this process's environment: a demo depends on none."""
    ours = {name.upper() for block in BLOCKS for name in block.model_fields}
    os.environ.pop(ENV_FILE_VARIABLE, None)
    for variable in list(os.environ):
        if variable.upper() in ours or variable.upper().removesuffix("_FILE") in ours:
            del os.environ[variable]


def choose_port(printers: int, wanted: int | None, before: int | None) -> int:
    """Return the first of so many free UDP ports: the wanted one, else that of the last run, else any."""
    first, held = hold_ports(printers, wanted, before)
    held.close()
    return first


def hold_ports(printers: int, wanted: int | None, before: int | None) -> tuple[int, socket.socket]:
    """Choose the ports, and hold them against other demos until the returned socket is closed."""
    if wanted is not None:
        if wanted + printers - 1 > _HIGHEST_PORT:
            raise UserError(
                f"--port {wanted} leaves no room for {printers} printers, UDP ports end at {_HIGHEST_PORT}: "
                f"name {_HIGHEST_PORT - printers + 1} at most, or leave it out."
            )
        if not _all_free(wanted, printers) or (held := _mark(wanted)) is None:
            raise UserError(
                f"not all of the UDP ports {wanted} to {wanted + printers - 1} on {HOST} are free: "
                "leave out --port, or choose another."
            )
        return wanted, held
    usual: list[int] = [] if before is None else [before]
    for first in usual + list(range(_FIRST_PORT, _LAST_PORT - printers, _PORT_STEP)):
        if _all_free(first, printers) and (held := _mark(first)) is not None:
            return first, held
    raise UserError(f"no {printers} UDP ports in a row are free on {HOST}: use fewer --printers.")


def _mark(first: int) -> socket.socket | None:
    """Hold TCP's port of that number, on which nobody will listen; None where another has it."""
    mark = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        mark.bind((HOST, first))
    except OSError:
        mark.close()
        return None
    return mark


def _all_free(first: int, count: int) -> bool:
    for port in range(first, first + count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError):
                return False
    return True

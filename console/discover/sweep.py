"""A sweep, made by the collector as a process of its own, with a bar while it lasts."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from pydantic import ValidationError
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from console.services import module_command
from console.terminal import make_console
from core.contract.discovery_messages import Discovered, FoundPrinter
from core.contract.errors import UserError
from core.domain.units import counted


def run_sweep(
    networks: Sequence[str], ports: Sequence[int], profile: str, *, confirmed: bool
) -> tuple[list[FoundPrinter], list[str]]:
    """The printers found, and what a person should know beside them; raises UserError if it is refused."""
    options = [*(f"--port={port}" for port in ports), *(["--yes"] if confirmed else [])]
    command = module_command("collector", "--profile", profile, *options, "--discover", *networks)
    found: list[FoundPrinter] = []
    last: Discovered | None = None
    with _collector(command) as child, _bar() as bar:
        task = bar.add_task("asking", total=None)
        for last in _messages(child.stdout):
            found += last.printers
            words = f"{counted(len(found), 'printer')} among {counted(last.answering, 'SNMP device')}"
            bar.update(task, total=last.addresses, completed=last.asked, description=words)
        _, complained = child.communicate()
    if last is None or last.status != "done":
        said = (complained.strip().splitlines() or [f"it ended with {child.returncode}"])[-1]
        raise UserError(said.removeprefix("error: "))
    return found, [last.error] if last.error else []


@contextmanager
def _collector(command: Sequence[str]) -> Iterator["subprocess.Popen[str]"]:
    """The process, ended with the command, however that ends."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    ) as child:
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()


def _messages(lines: IO[str] | None) -> Iterator[Discovered]:
    for line in lines or ():
        try:
            yield Discovered.model_validate_json(line)
        except ValidationError as error:
            raise UserError("the collector said something that is no word about a sweep.") from error


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = make_console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)

"""Reads pip's lock files, for the tests about them."""

import re
from pathlib import Path
from typing import NamedTuple

from tests.paths import ROOT

LOCKS = {name: ROOT / "requirements" / f"{name}.lock" for name in ("runtime", "test")}


class Pin(NamedTuple):
    """One entry of a lock: a package, `name==version ; marker`, its hashes, who wants it, all its text."""

    package: str
    requirement: str
    hashes: frozenset[str]
    wanted_by: frozenset[str]
    text: str


def read_lock(path: Path) -> list[Pin]:
    """The entries of a lock file; a package may have one for each kind of machine."""
    blocks = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8"))
    return [_pin(block) for block in blocks if block.strip() and not block.startswith("#")]


def _pin(block: str) -> Pin:
    requirement = block.splitlines()[0].removesuffix("\\").strip()
    hashes = frozenset(re.findall(r"--hash=(\S+)", block))
    wanted_by = frozenset(re.findall(r"^    # +(?:via )?(?!via$)(\S.*)$", block, re.MULTILINE))
    return Pin(requirement.split("==")[0], requirement, hashes, wanted_by, block)


def lock_of(name: str, packages: set[str]) -> str:
    """Our lock cut down to some packages and what they need."""
    pins = read_lock(LOCKS[name])
    while more := {pin.package for pin in pins if pin.wanted_by & packages} - packages:
        packages = packages | more
    return "\n".join(pin.text for pin in pins if pin.package in packages) + "\n"

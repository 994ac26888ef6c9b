"""Reads pip's lock files, for the tests about them."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {name: ROOT / "requirements" / f"{name}.lock" for name in ("runtime", "test")}


class Pin(NamedTuple):
    """One package of a lock: `name==version ; marker`, its hashes, who wants it, and the text of it all."""

    requirement: str
    hashes: frozenset[str]
    wanted_by: frozenset[str]
    text: str


def read_lock(path: Path) -> dict[str, Pin]:
    """The pins of a lock file by package name."""
    blocks = re.split(r"\n(?=\S)", path.read_text(encoding="utf-8"))
    pins = [_pin(block) for block in blocks if block.strip() and not block.startswith("#")]
    return {pin.requirement.split("==")[0]: pin for pin in pins}


def _pin(block: str) -> Pin:
    requirement = block.splitlines()[0].removesuffix("\\").strip()
    hashes = frozenset(re.findall(r"--hash=(\S+)", block))
    wanted_by = frozenset(re.findall(r"^    # +(?:via )?(?!via$)(\S.*)$", block, re.MULTILINE))
    return Pin(requirement, hashes, wanted_by, block)

"""docs/security.md: what it promises has a test, and its names and figures are those of the program."""

import re
from typing import Final

from dashboard.throttle import LOGIN_ADDRESS, LOGIN_USER
from dashboard.web.gate.body_limit import LARGEST, LARGEST_UPLOAD, PART_SECONDS
from dashboard.web.gate.connections import HEAD_SECONDS
from dashboard.web.gate.uploads import MOST_FILES
from tests.paths import ROOT

PAGE: Final = (ROOT / "docs/security.md").read_text(encoding="utf-8")
FLAT: Final = " ".join(PAGE.split())
NO_SETTINGS: Final = {"NAME_FILE"}
"""Stands for the name of any setting with a secret."""


def test_every_setting_it_names_exists() -> None:
    known = set(
        re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)
    )
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", PAGE)) - NO_SETTINGS
    assert len(named) > 5
    assert named <= known


def test_every_file_it_names_exists() -> None:
    named = set(re.findall(r"`((?:dashboard|core|tests|processor|collector)/[\w./]+)`", PAGE))
    assert len(named) > 15
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_every_promise_of_the_dashboard_names_the_test_that_holds_it() -> None:
    promises = PAGE.split("## What is promised")[1].split("\n## ")[0]
    numbered = re.split(r"\n\d+\. ", promises)[1:]
    assert len(numbered) > 10
    assert [promise.split("**")[1] for promise in numbered if "tests/" not in promise] == []


def test_its_figures_are_those_of_the_program() -> None:
    assert f"{LARGEST // 1024} KiB, {PART_SECONDS:.0f} s for the next part" in FLAT
    assert f"heads {HEAD_SECONDS:.0f} s" in FLAT
    assert f"{MOST_FILES} files of {LARGEST_UPLOAD // 2**20} MB at once" in FLAT
    minutes = LOGIN_USER.window.total_seconds() / 60
    guesses = (
        f"{LOGIN_USER.count} wrong per account and {LOGIN_ADDRESS.count} per address in {minutes:.0f} minutes"
    )
    assert guesses in FLAT


def test_every_requirement_is_met_by_something() -> None:
    rows = re.findall(r"^\| (\d[\d., to]+) ([^|]*) \| ([^|]*) \|$", PAGE, re.MULTILINE)
    assert len(rows) > 30
    assert all(met.strip() for _, _, met in rows)

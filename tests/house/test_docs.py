"""Prose that can go stale: the documents' links and names are checked here."""

import re
import tomllib

from packaging.requirements import Requirement

from tests.house.documents import README, code_of, documents, text_of
from tests.house.sources import tracked
from tests.paths import ROOT

DEMO, TEST = "python3 scripts/run.py demo", "python3 scripts/run.py test"
# The brackets keep these patterns from finding themselves.
MACHINE_PATH = re.compile(r"(?<![\w.~])/(work|farm|root|home/\w+|Users/\w+|tmp/bash_[j]obs)/")
REGISTRY = re.compile(r"py[p]i\.org|python[h]osted\.org|artifac[t]ory|index-[u]rl[ =]+http", re.IGNORECASE)


def test_the_readme_is_short_and_starts_with_the_two_commands() -> None:
    lines = text_of(README).splitlines()
    assert len(lines) < 150
    assert any(line.strip() == DEMO for line in lines[:15])
    assert any(line.strip() == TEST for line in lines)


def test_every_relative_link_leads_somewhere() -> None:
    dead = [
        f"{path.relative_to(ROOT)}: {link}"
        for path in documents()
        for link in re.findall(r"\]\(([^)\s]+)\)", text_of(path))
        if "://" not in link and not link.startswith(("#", "mailto:"))
        if not (path.parent / link.partition("#")[0]).exists()
    ]
    assert dead == []


def test_every_file_named_in_a_document_exists() -> None:
    named = re.compile(
        r"(?:core|simulator|collector|processor|notifier|dashboard|console|scripts|tests|docs|deploy|requirements)"
        r"/[\w./-]+\.\w+"
    )
    missing = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in documents()
        for name in named.findall(" ".join(code_of(path)))
        if not (ROOT / name).exists()
    ]
    assert missing == []


def test_every_control_that_the_page_about_the_dashboard_names_is_there() -> None:
    """Labels are in italics there, and begin with a capital; what ends with a period is a heading."""
    text = " ".join(text_of(ROOT / "docs" / "dashboard.md").split())
    labels = set(re.findall(r"(?<!\*)\*([A-Z][^*]*[^*.])\*(?!\*)", text))
    # What states and conditions are called stands in core/domain.
    places = ("dashboard/*.py", "dashboard/*.j2", "dashboard/*.js", "core/domain/*.py")
    written = "\n".join(text_of(path) for place in places for path in tracked(place))
    joined = {"Send reply and resolve": "{words.button} and resolve"}
    assert labels
    assert sorted(label for label in labels if joined.get(label, label) not in written) == []


def test_no_file_names_this_machine_or_a_package_index() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if (match := MACHINE_PATH.search(text_of(path)) or REGISTRY.search(text_of(path)))
    ]
    assert found == []


def test_no_document_is_left_out_of_these_checks() -> None:
    assert set(tracked("*.md")) <= set(documents())


def test_the_changelog_has_a_place_for_what_comes() -> None:
    unreleased = text_of(ROOT / "CHANGELOG.md").split("## [Unreleased]")[1].split("\n## ")[0]
    assert re.findall(r"^### (\w+)", unreleased, re.MULTILINE) == ["Added", "Changed", "Fixed"]


def test_the_architecture_names_every_folder_of_the_services() -> None:
    named = set(re.findall(r"`((?:\w+/)+)`", text_of(ROOT / "docs" / "architecture.md")))
    packages = {path.parent.relative_to(ROOT) for path in ROOT.glob("*/__init__.py")}
    folders = {f"{package.as_posix()}/" for package in packages} - {"tests/"}
    core = {f"core/{path.parent.name}/" for path in (ROOT / "core").glob("*/__init__.py")}
    assert (folders - {"core/"}) | core <= named


def test_every_direct_dependency_has_its_reason_and_no_other_has() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    dependencies = sorted(Requirement(each).name for each in project["dependencies"])
    rows = re.findall(
        r"^\| `([\w-]+)` \| ([^|]{20,}) \| ([^|]{10,}) \|$",
        text_of(ROOT / "docs" / "decisions" / "0006-libraries.md"),
        re.MULTILINE,
    )
    assert sorted(name for name, _job, _instead in rows) == dependencies

"""The lists of CONTRIBUTING.md are complete: each names every file of what is there already."""

import re
from pathlib import Path

import pytest

from tests.house.documents import text_of
from tests.house.sources import tracked
from tests.paths import ROOT

GENERATED = {"core/contract/mib_names.py"}
EXAMPLES = [
    ("A new OID", r"\bprinter_status\b", {"processor/rules/device_state.py"}),  # its rule is a job of its own
    (
        "A new OID",
        r"\bcounters_serial\b",
        {"processor/decode/counters.py", "processor/history/points.py", "processor/judgment/repeatable.py"},
    ),
    (
        "A new rule",
        r"\b(MEDIA_REQUESTED|media_requested)\b",
        {"processor/rules/alerts.py"},
    ),  # the rows it merges
    ("A new rule", r"\b(OUTPUT_NEARLY_FULL|output_nearly_full)\b", set()),
    ("A new rule", r"\b(SUPPLY_MISSING|supply_missing)\b", set()),
    ("A new rule", r"\b(WORN|worn)\b", set()),
    ("A new page", r"features\.audit\b|_page\([\"']audit[\"']", set()),
    ("A new page", r"features\.tokens\b|_page\([\"']tokens[\"']", set()),
    (
        "A new column of the issues",
        r"\bmerged_into\b",
        # photos of an issue that was merged are shown with the other; on a service sheet it is not listed
        {"dashboard/features/photos/store.py", "dashboard/features/service_sheet/queries.py"},
    ),
    ("A new notification channel", r"\bAppriseChannel\b", set()),
    ("A new notification channel", r"\bAPPRISE\b", set()),
    ("A new time series server", r"\bInfluxStore\b", set()),
]
"""Section, what stands for the thing, and files that name it for a job of their own."""


def files_of(section: str) -> set[str]:
    """Return the files and folders that a section names."""
    text = text_of(ROOT / "CONTRIBUTING.md").split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"`((?:core|processor|notifier|dashboard|console|collector)/[\w./]+)`", text))


def code() -> list[Path]:
    """Return the files of code: no tests, and no migrations, which are written once."""
    return [
        path
        for path in tracked("*.py")
        if not str(path.relative_to(ROOT)).startswith(("tests/", "core/storage/migrations/", "simulator/"))
    ]


@pytest.mark.parametrize(("section", "pattern", "others"), EXAMPLES)
def test_what_a_list_is_about_stands_in_the_files_it_names(
    section: str, pattern: str, others: set[str]
) -> None:
    named = files_of(section)
    found = {str(path.relative_to(ROOT)) for path in code() if re.search(pattern, text_of(path))}
    assert found, "the example is gone: choose another"
    unlisted = {
        file
        for file in found - others - GENERATED
        if not any(file == name or file.startswith(f"{name.rstrip('/')}/") for name in named)
    }
    assert unlisted == set()


@pytest.mark.parametrize("section", sorted({section for section, _, _ in EXAMPLES}))
def test_every_file_of_a_list_exists(section: str) -> None:
    named = files_of(section)
    assert named
    assert {name for name in named if not (ROOT / name).exists()} == set()

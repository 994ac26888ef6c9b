"""One word for each thing that people read: a word that was given up comes back nowhere."""

import ast
import re
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from tests.house.sources import PACKAGES, name_of, sources, tracked, tree_of
from tests.paths import ROOT

RETIRED: Final = {
    r"^No answer\b|^Unreachable\b|is unreachable": "Not answering (core.domain.wording.STATES)",
    r"\b[Nn]o news\b|not looked at$|without recent data": "No data (core.domain.health.HEALTHS)",
    r"^Fine$|(?:is|are|as) fine\.": "OK (core.domain.health.HEALTHS)",
    r"\b[Ss]econd factors?\b|[Tt]wo-step": "two-factor authentication",
    r"^Locations?\b|[Bb]y location\b|^No location$": "Place",
}
"""What is not said any more to people, and the word for it."""
EXCEPT: Final = {
    ("core/domain/mail_choices.py", "No location"): "what older choices were stored with",
    ("dashboard/features/palette/search.py", "password sessions two-factor authentication second factor"): (
        "what people may type to find it"
    ),
    ("dashboard/features/issues/table.py", "Location"): "a column of the CSV, which other systems read",
    ("dashboard/features/reports/frames.py", "Location"): "a column of the CSV",
    ("dashboard/features/reports/cartridge_frames.py", "Location"): "a column of the CSV",
    ("dashboard/features/reports/tables.py", "Location"): "what the column of the CSV is called on the page",
}
DOCUMENTS: Final = ("README.md", "docs/*.md")


def retired(text: str) -> str:
    """The word that is to be said instead of one in this text; "" where it has none."""
    return next((word for pattern, word in RETIRED.items() if re.search(pattern, text)), "")


def strings() -> Iterator[tuple[str, str]]:
    """The texts of our Python files, but for docstrings, each with its file."""
    for path in sources(*PACKAGES):
        tree = tree_of(path)
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
                yield name_of(path), node.value


def template_texts() -> Iterator[tuple[str, str]]:
    """What stands between the tags of our templates, and the texts within what Jinja2 does."""
    for path in tracked("*.j2"):
        for text in re.split(r"<[^>]*>|\{[{%#]|[}%#]\}|\"", path.read_text("utf-8")):
            yield name_of(path), text.strip()


def document_texts() -> Iterator[tuple[str, str]]:
    """The lines of our documents, without what stands in them as code."""
    for pattern in DOCUMENTS:
        for path in tracked(pattern):
            if "decisions" not in path.parts:
                for line in path.read_text("utf-8").splitlines():
                    yield path.relative_to(ROOT).as_posix(), re.sub(r"`[^`]*`", "", line)


@pytest.mark.processes
@pytest.mark.parametrize("texts", [strings, template_texts, document_texts])
def test_no_retired_word_is_shown(texts: Callable[[], Iterator[tuple[str, str]]]) -> None:
    found = [
        f"{where}: {text!r}: say {word}"
        for where, text in texts()
        if (word := retired(text)) and (where, text) not in EXCEPT
    ]
    assert found == []


def test_every_exception_is_still_there() -> None:
    assert EXCEPT.keys() <= {*strings()}


@pytest.mark.parametrize(
    "text",
    ["No answer", "Fine", "Your second factor", "all printers are fine.", "Location", "Pages by location"],
)
def test_a_retired_word_is_seen(text: str) -> None:
    assert retired(text)


@pytest.mark.parametrize("text", ["Not answering", "fine-grained", "OK", "location", "Place"])
def test_a_word_in_use_is_none(text: str) -> None:
    assert not retired(text)

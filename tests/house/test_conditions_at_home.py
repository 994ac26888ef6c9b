"""Codes, sentences and the order of severities stand in core/domain/conditions.py and nowhere else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

import pytest

from core.contract.messages import Severity, State
from core.contract.mib_names import ALERT_CODE, DETECTED_ERROR_BIT
from core.domain.conditions import CONDITIONS
from tests.house.sources import PACKAGES, name_of, sources, tree_of

HOMES: Final = {"core/domain/conditions.py", "core/domain/alert_sentences.py", "core/contract/messages.py"}
# Words of another vocabulary that are written like codes: error bits, states, states of services.
HOMONYMS: Final = {
    *("door_open", "no_paper", "offline", "output_full", "output_tray_missing"),
    *("service_requested", "unreachable"),
}
# Other vocabularies that have a word in common with ours, by file.
OTHERS: Final = {
    "core/contract/mib_names.py": "names of the MIB",
    "core/domain/wording.py": "categories of issues",
    "processor/rules/alert_codes.py": "names of prtAlertCode",
    "processor/batch/printer_batch.py": "outcomes of flags",
    "processor/issues/changes.py": "events of issues",
    "dashboard/features/issues/wording.py": "events of issues",
    "dashboard/features/report/queries.py": "events of issues",
    "console/django/issues.py": "categories of issues",
    "console/demo/issues.py": "what happens to simulated printers",
}
CODES: Final = CONDITIONS.keys() - HOMONYMS


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """The string literals of a file but for its docstrings and comments."""
    tree = tree_of(path)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def elsewhere() -> list[Path]:
    # The simulator plays printers: what it lets happen to them has names of its own.
    return [
        path for path in sources(*PACKAGES) if name_of(path) not in HOMES and path.parts[-2] != "simulator"
    ]


def fixed_words() -> set[str]:
    """What the table says of its own, between the parameters, as far as it is a phrase of three words."""
    said = [
        text
        for one in CONDITIONS.values()
        for text in (
            *(one.of_printer, one.of_part, one.before_alert, one.reported),
            *(*one.variants.values(), *one.advice.values()),
        )
    ]
    pieces = {piece.strip(" .") for text in said for piece in re.split(r"\{\w+\}|(?<=\.) ", text)}
    return {piece for piece in pieces if len(piece.split()) > 2}


def orders_severities(node: ast.AST) -> bool:
    """Whether it is a list of all severities, or gives several of them numbers."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        found = {each.value for each in node.elts if isinstance(each, ast.Constant)}
        return set(get_args(Severity)) == found
    if not isinstance(node, ast.Dict):
        return False
    numbered = [
        key.value
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant) and isinstance(value.value, int)
    ]
    return len(set(get_args(Severity)) & set(numbered)) > 1


def test_no_code_is_written_as_a_string_outside_the_table() -> None:
    found = [
        f"{name_of(path)}:{line}: {text}"
        for path in elsewhere()
        if name_of(path) not in OTHERS
        for line, text in strings(path)
        if text in CODES
    ]
    assert found == []


def test_words_written_like_codes_are_words_of_another_vocabulary() -> None:
    others = {*ALERT_CODE.values(), *DETECTED_ERROR_BIT.values(), *get_args(State)}
    assert others & CONDITIONS.keys() == HOMONYMS | {"jam"}


def test_no_sentence_of_a_flag_is_written_outside_the_table() -> None:
    words = fixed_words()
    found = [
        f"{name_of(path)}:{line}: {text}"
        for path in elsewhere()
        for line, text in strings(path)
        if any(piece in text for piece in words)
    ]
    assert found == []


def test_the_order_of_severities_is_declared_once() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in elsewhere()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict) and orders_severities(node)
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        '("critical", "warning", "info")',
        '["info", "warning", "critical"]',
        '{"critical": 0, "warning": 1}',
    ],
)
def test_an_order_of_severities_is_seen(code: str) -> None:
    assert orders_severities(ast.parse(code, mode="eval").body)


def test_a_look_of_severities_is_no_order() -> None:
    assert not orders_severities(ast.parse('{"critical": "red", "warning": "yellow"}', mode="eval").body)

"""docs/contract is what the program says, stays readable, and changes only with its version."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from console.contract.documents import VERSION, asyncapi, files, schemas
from core.contract.messages import SCHEMA_VERSION
from core.contract.topics import TOPICS
from tests.console.cli import printers
from tests.contract.subscriber import Stranger
from tests.paths import ROOT

CONTRACT = ROOT / "docs" / "contract"
GOLDEN = json.loads((ROOT / "tests/core/golden_messages.json").read_text(encoding="utf-8"))
RELEASED = json.loads(Path(__file__).with_name("released.json").read_text(encoding="utf-8"))
WORDS = {"description", "title", "default", "$id", "$schema"}
"""What a schema says to people, not of messages."""


def test_the_published_contract_is_what_the_program_says() -> None:
    wanted = files("printers")
    found = {path: (CONTRACT / path).read_text(encoding="utf-8") for path in wanted}
    assert found == wanted, "run `printers contract --out docs/contract`"
    kept = {path.relative_to(CONTRACT).as_posix() for path in CONTRACT.rglob("*.json")}
    assert kept == set(wanted), "docs/contract has files of messages that are no more"


def test_the_command_writes_all_files_with_the_prefix_in_force(tmp_path: Path) -> None:
    done = printers("contract", "--out", "there", env={"MQTT_TOPIC_PREFIX": "college/print"})
    assert done.exit_code == 0, done.output
    document = json.loads((tmp_path / "there" / "asyncapi.json").read_text(encoding="utf-8"))
    assert document["channels"]["state"]["address"] == "college/print/{printer_id}/state"
    assert json.loads(printers("contract").stdout) == asyncapi("printers")


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = printers("contract", "--out", "file/below")
    assert (done.exit_code, done.output.count("cannot be written")) == (2, 1)


def references(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        yield from (value for key, value in document.items() if key == "$ref")
        for value in document.values():
            yield from references(value)
    elif isinstance(document, list):
        for value in document:
            yield from references(value)


def test_every_topic_is_a_channel_and_every_reference_leads_somewhere() -> None:
    document = asyncapi("printers")
    assert {c["address"] for c in document["channels"].values()} == {f"printers/{t.pattern}" for t in TOPICS}
    for reference in references(document):
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    used = {operation["channel"]["$ref"].split("/")[-1] for operation in document["operations"].values()}
    assert used == set(document["channels"])
    assert document["operations"]["accept_refresh"]["action"] == "receive"
    assert document["operations"]["publish_state"]["bindings"]["mqtt"]["retain"] is True


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.payload.__name__)
def test_old_messages_still_fit_the_schemas(topic: Any) -> None:
    name = topic.payload.__name__
    schema = json.loads((CONTRACT / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(GOLDEN[name])
    stranger = Stranger.of(CONTRACT)
    channel = stranger.channel_of(topic.name("printers", **dict.fromkeys(levels(topic.pattern), "x")))
    assert channel is not None
    assert stranger.errors(channel, GOLDEN[name]) == []
    assert stranger.errors(channel, {**GOLDEN[name], "schema_version": SCHEMA_VERSION + 1})


def levels(pattern: str) -> list[str]:
    return [part[1:-1] for part in pattern.split("/") if part.startswith("{")]


def shape(schema: Any) -> Any:
    """A schema without its words; the values of an enumeration apart, because they may grow."""
    if isinstance(schema, dict):
        return {key: shape(value) for key, value in schema.items() if key not in WORDS}
    return schema


def breaks(old: Any, new: Any, where: str) -> list[str]:
    """What a subscriber, or a publisher, of the old schema could not live with."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return [] if old == new else [f"{where}: {old} became {new}"]
    found = []
    for key in old.keys() | new.keys():
        below = f"{where}.{key}"
        if key in ("properties", "$defs"):  # may grow
            parts = old.get(key, {}), new.get(key, {})
            found += [f"{below}.{name} is gone" for name in parts[0].keys() - parts[1].keys()]
            common = parts[0].keys() & parts[1].keys()
            found += [b for name in common for b in breaks(parts[0][name], parts[1][name], f"{below}.{name}")]
        elif key == "enum":
            found += [f"{below}: {gone} is gone" for gone in set(old.get(key, [])) - set(new.get(key, []))]
        elif key == "required":
            changed = set(old.get(key, [])) ^ set(new.get(key, []))
            found += [f"{below}: {name} is required in one alone" for name in changed]
        elif key not in old or key not in new:
            found.append(f"{below} is in one alone")
        else:
            found += breaks(old[key], new[key], below)
    return found


def test_nothing_that_was_released_is_broken() -> None:
    now = schemas()
    assert set(RELEASED["schemas"]) <= set(now)
    found = [
        problem
        for name, old in RELEASED["schemas"].items()
        for problem in breaks(shape(old), shape(now[name]), name)
    ]
    assert found == [], "raise schema_version, or keep the field as it was"


def test_what_is_added_raises_the_version() -> None:
    major, minor, _ = (int(part) for part in VERSION.split("."))
    released = tuple(int(part) for part in RELEASED["version"].split("."))
    assert major == SCHEMA_VERSION
    if shape(schemas()) != shape(RELEASED["schemas"]):
        assert (major, minor) > released[:2], "raise VERSION in console/contract/documents.py"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"properties": {"a": {"type": "string"}}}, "b is gone"),
        ({"properties": {"a": {"type": "integer"}, "b": {"enum": [1, 2]}}}, "string became integer"),
        ({"properties": {"a": {"type": "string"}, "b": {"enum": [1]}}}, "2 is gone"),
        ({"required": ["a", "b"]}, "b is required in one alone"),
    ],
)
def test_the_comparison_sees_what_breaks(change: dict[str, Any], told: str) -> None:
    old = {"properties": {"a": {"type": "string"}, "b": {"enum": [1, 2]}}, "required": ["a"]}
    assert [problem for problem in breaks(old, {**old, **change}, "x") if told in problem]
    grown = {**old, "properties": {**old["properties"], "b": {"enum": [1, 2, 3]}, "c": {}}}  # type: ignore[dict-item]
    assert breaks(old, grown, "x") == []

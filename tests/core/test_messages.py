"""The contract on the wire: golden messages of version 1 stay readable, newer ones are refused."""

import json

import pytest
from pydantic import ValidationError

from core.contract.messages import Message, Reading
from core.contract.topics import TOPICS
from tests.core.golden_messages import GOLDEN


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.payload.__name__)
def test_a_message_of_version_1_stays_readable_and_says_the_same(topic: object) -> None:
    payload = topic.payload  # type: ignore[attr-defined]
    golden = GOLDEN[payload.__name__]
    said = json.loads(payload.model_validate(golden).model_dump_json())
    assert golden.items() <= said.items()  # fields may have been added


def test_a_newer_version_is_refused_with_a_reason() -> None:
    with pytest.raises(ValidationError, match="schema version 3 is not known here"):
        Reading.model_validate({**GOLDEN["Reading"], "schema_version": 3})


@pytest.mark.parametrize("seq", [-1, 2**53, 10**40])
def test_a_seq_that_no_database_could_keep_is_refused(seq: int) -> None:
    assert Reading.model_validate({**GOLDEN["Reading"], "seq": 2**53 - 1}).seq == 2**53 - 1
    with pytest.raises(ValidationError, match="seq"):
        Reading.model_validate({**GOLDEN["Reading"], "seq": seq})


def test_unknown_fields_of_a_known_version_are_ignored() -> None:
    assert Reading.model_validate({**GOLDEN["Reading"], "colour": "blue"}).printer_id == "library-1"


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValidationError):
        Reading.model_validate({**GOLDEN["Reading"], "taken_at": "2026-01-31T12:00:00"})


@pytest.mark.parametrize("name", ["", "a/b", "a+b", "#", "$sites", "Ünder", "a" * 65])
def test_a_printer_id_that_is_no_slug_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Reading.model_validate({**GOLDEN["Reading"], "printer_id": name})


def test_messages_are_frozen() -> None:
    message: Message = Reading.model_validate(GOLDEN["Reading"])
    with pytest.raises(ValidationError):
        message.schema_version = 1

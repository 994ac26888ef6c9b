"""From messages to readings: whatever comes, a reading or a reason."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from core.contract.messages import MAX_READING_BYTES
from processor.batch.inbox import Arrival, BatchSize, Inbox
from processor.batch.incoming import Unreadable, read_arrival
from processor.batch.printer_batch import Received
from tests.processor.making import make_reading

TOPIC = "printers/lib-1/reading/main"


def read(payload: bytes, topic: str = TOPIC) -> Received | Unreadable:
    return read_arrival(Arrival(topic, payload, datetime.now(UTC)), "printers")


def changed(**fields: Any) -> bytes:
    return to_json(make_reading(1).model_dump(mode="json") | fields)


def test_a_reading_is_read() -> None:
    result = read(changed())
    assert isinstance(result, Received)
    assert result.reading == make_reading(1)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "Invalid JSON"),
        (b"[]", "message: "),
        (b'{"id": "a', "Invalid JSON"),
        (b"\xff\xfe{}", "Invalid JSON"),
        (b"null", "message: "),
    ],
)
def test_what_is_no_reading_has_a_reason_and_no_receipt(payload: bytes, reason: str) -> None:
    result = read(payload)
    assert isinstance(result, Unreadable)
    assert reason in result.reason
    assert result.refusal is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"schema_version": 99}, "schema version 99 is not known here"),
        ({"taken_at": "yesterday"}, "taken_at"),
        ({"printer_id": "lib-2"}, "the reading 'lib-2' of 'main'"),
        ({"site": "library"}, "the topic names 'lib-1' of the site 'main', the reading 'lib-1' of 'library'"),
        ({"seq": 2**70}, "seq"),
        ({"printer_id": "No Slug"}, "printer_id"),
        ({"varbinds": {"1.3": "x" * MAX_READING_BYTES}}, "more than the 262144 of a reading"),
    ],
)
def test_a_reading_that_cannot_be_used_is_refused_to_its_site(fields: dict[str, Any], reason: str) -> None:
    result = read(changed(**fields))
    assert isinstance(result, Unreadable)
    assert reason in result.reason
    assert result.refusal is not None
    assert (result.site, result.refusal.id) == ("main", "lib-1-1")


@pytest.mark.parametrize("site", ["a/b", "+", "#", "", "$x"])
def test_a_topic_whose_site_is_no_name_gets_no_receipt(site: str) -> None:
    result = read(changed(site=site), f"printers/lib-1/reading/{site}")
    assert isinstance(result, Unreadable)
    assert result.refusal is None


@pytest.mark.parametrize("site", ["library", "+", "", 7, None])
def test_the_receipt_goes_to_the_site_of_the_topic_whatever_the_payload_says(site: Any) -> None:
    result = read(changed(site=site))
    assert isinstance(result, Unreadable)
    assert result.site == "main"
    assert result.refusal is not None


@given(
    st.binary(max_size=300) | st.dictionaries(st.text(), st.integers() | st.text() | st.none()).map(to_json)
)
def test_nothing_that_arrives_raises(payload: bytes) -> None:
    result = read(payload)
    assert isinstance(result, Unreadable)
    assert result.reason.isprintable()


@given(st.text(max_size=400))
def test_a_reason_is_short_and_printable_whatever_a_message_names(name: str) -> None:
    result = read(changed(site=name + "/"))
    assert isinstance(result, Unreadable)
    assert len(result.reason) <= 300
    assert result.reason.isprintable()


def arrivals(count: int, size: int = 10) -> list[Arrival]:
    return [Arrival(TOPIC, bytes(size), datetime.now(UTC)) for _ in range(count)]


def test_the_inbox_gives_what_came_first_and_no_more_than_asked() -> None:
    inbox, came = Inbox(), arrivals(5)
    assert all(inbox.put(arrival) for arrival in came)
    assert inbox.take(BatchSize(3, 0), 0) == came[:3]
    assert inbox.take(BatchSize(3, 0), 0) == came[3:]
    assert inbox.take(BatchSize(3, 0), 0) == []


def test_a_full_inbox_drops_the_newest_and_counts_it() -> None:
    inbox = Inbox(max_messages=2)
    assert [inbox.put(arrival) for arrival in arrivals(3)] == [True, True, False]
    assert (len(inbox), inbox.dropped) == (2, 1)


def test_the_inbox_is_bounded_in_bytes_too_but_takes_one_however_large() -> None:
    inbox = Inbox(max_bytes=100)
    assert [inbox.put(arrival) for arrival in arrivals(3, size=90)] == [True, False, False]
    inbox.take(BatchSize(1, 0), 0)
    assert inbox.put(arrivals(1, size=500)[0])

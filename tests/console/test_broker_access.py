"""Everybody may do at the broker what the topics say of them, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.broker.access import HOME_ASSISTANT, USERS, covers, grants
from fleet.topics import READING, TOPICS

GRANTS = grants("printers")


def may_publish(user: str, topic: str) -> bool:
    return any(covers(allowed, topic) for allowed in GRANTS[user].publish)


def may_read(user: str, topic: str) -> bool:
    return any(covers(allowed, topic) for allowed in GRANTS[user].read)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.pattern)
def test_who_publishes_a_topic_may_and_others_may_not(topic: object) -> None:
    assert hasattr(topic, "publishers")
    assert hasattr(topic, "name")
    for user in USERS:
        levels = {"printer_id": "lib-1", "site": "main", "chunk": 0, "service": user, "instance": "vm"}
        expected = user in topic.publishers or ("services" in topic.name("p", **levels) and user != "reader")
        assert may_publish(user, topic.name("printers", **levels)) == expected, user


def test_nobody_speaks_for_another_service() -> None:
    assert not may_publish("collector", "printers/$services/processor/vm")
    assert not may_publish("dashboard", "printers/$services/collector/vm")


def test_other_systems_read_everything_and_publish_nothing() -> None:
    assert GRANTS["reader"].publish == ()
    assert may_read("reader", "printers/lib-1/state")
    assert may_read("reader", "printers/$services/collector/vm")
    assert not may_read("reader", "elsewhere/lib-1/state")


def test_the_collector_reads_its_orders_and_receipts_alone() -> None:
    assert may_read("collector", "printers/$sites/main/stored")
    assert may_read("collector", "printers/$sites/main/inventory/0")
    assert may_read("collector", "printers/lib-1/refresh")
    assert not may_read("collector", "printers/lib-1/reading")


def test_the_prefix_is_part_of_every_grant() -> None:
    every = [topic for grant in grants("a/b").values() for topic in (*grant.publish, *grant.read)]
    assert all(topic.startswith("a/b/") for topic in every)
    assert READING.filter("a/b") in grants("a/b")["collector"].publish


@pytest.mark.parametrize(
    ("allowed", "asked", "expected"),
    [
        ("a/#", "a/b/c", True),
        ("a/#", "a/#", True),
        ("a/+", "a/b", True),
        ("a/+", "a/+", True),
        ("a/+", "a/#", False),
        ("a/b", "a/+", False),
        ("a/+", "a/b/c", False),
        ("a/+/c", "a/b", False),
        ("a/b", "#", False),
        ("a/b", "+/b", False),
    ],
)
def test_a_wider_filter_is_not_covered_by_a_narrower_one(allowed: str, asked: str, expected: bool) -> None:
    assert covers(allowed, asked) is expected


LEVELS = st.lists(st.sampled_from(["a", "b", "+"]), min_size=1, max_size=4)


@given(LEVELS, LEVELS, st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=4))
def test_what_a_covered_filter_stands_for_is_allowed(
    allowed: list[str], asked: list[str], topic: list[str]
) -> None:
    one, other, name = "/".join(allowed), "/".join(asked), "/".join(topic)
    if covers(one, other) and covers(other, name):
        assert covers(one, name)


def test_home_assistant_is_let_in_where_devices_are_announced_to_it() -> None:
    assert HOME_ASSISTANT not in GRANTS
    allowed = grants("printers", "homeassistant")
    assert "homeassistant/device/+/config" in allowed["processor"].publish
    assert allowed[HOME_ASSISTANT].publish == ("printers/+/refresh", "homeassistant/status")
    assert allowed[HOME_ASSISTANT].read == ("printers/#", "homeassistant/#")
    assert {user: allowed[user] for user in USERS if user != "processor"} == {
        user: GRANTS[user] for user in USERS if user != "processor"
    }

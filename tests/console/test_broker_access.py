"""Everybody may do at the broker what the topics say of them, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.broker.access import HOME_ASSISTANT, USERS, BrokerDeployment, covers, grants
from core.contract.topics import READING, TOPICS, Topic

SERVICES = ("collector", "processor", "notifier", "dashboard")
GRANTS = grants(BrokerDeployment(sites=("library",)))


def may_publish(user: str, topic: str) -> bool:
    return any(covers(allowed, topic) for allowed in GRANTS[user].publish)


def may_read(user: str, topic: str) -> bool:
    return any(covers(allowed, topic) for allowed in GRANTS[user].read)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.pattern)
def test_who_publishes_a_topic_may_and_others_may_not(topic: Topic) -> None:
    for user in (*SERVICES, "console"):
        levels: dict[str, str | int] = {
            "printer_id": "lib-1",
            "site": "main",
            "chunk": 0,
            "service": user,
            "instance": "vm",
        }
        assert may_publish(user, topic.name("printers", **levels)) == (user in topic.publishers), user


def test_nobody_speaks_for_another_service() -> None:
    assert not may_publish("collector", "printers/$services/processor/vm")
    assert not may_publish("collector", "printers/$services/collector/vm")
    assert not may_publish("dashboard", "printers/$sites/main/presence/vm")


OF_ITS_SITE = (
    ("publish", "printers/lib-1/reading/{}"),
    ("publish", "printers/$sites/{}/presence/vm"),
    ("publish", "printers/$sites/{}/discovered"),
    ("read", "printers/$sites/{}/inventory/0"),
    ("read", "printers/$sites/{}/stored"),
    ("read", "printers/$sites/{}/discover"),
    ("read", "printers/$sites/{}/presence/vm"),
)


@pytest.mark.parametrize(("action", "topic"), OF_ITS_SITE)
def test_a_collector_has_to_do_with_its_own_site_alone(action: str, topic: str) -> None:
    may = may_publish if action == "publish" else may_read
    for user, own, foreign in (("collector", "main", "library"), ("collector-library", "library", "main")):
        assert may(user, topic.format(own))
        assert not may(user, topic.format(foreign))
        assert not may(user, topic.format("+"))


def test_other_systems_read_everything_and_may_only_ask_for_a_reading() -> None:
    assert GRANTS["reader"].publish == ("printers/+/refresh",)
    assert may_read("reader", "printers/lib-1/state")
    assert may_read("reader", "printers/$sites/main/presence/vm")
    assert not may_read("reader", "elsewhere/lib-1/state")


def test_the_user_of_printers_up_may_do_what_all_four_services_may() -> None:
    for service in SERVICES:
        assert all(may_publish("up", topic) for topic in GRANTS[service].publish)
        assert all(may_read("up", topic) for topic in GRANTS[service].read)


def test_the_collector_reads_its_orders_and_receipts_alone() -> None:
    assert may_read("collector", "printers/lib-1/refresh")
    assert may_read("collector", "printers/$services/processor/vm")
    assert not may_read("collector", "printers/lib-1/reading/main")
    assert not may_read("collector", "printers/lib-1/state")


def test_the_prefix_is_part_of_every_grant() -> None:
    elsewhere = grants(BrokerDeployment(prefix="a/b"))
    every = [topic for grant in elsewhere.values() for topic in (*grant.publish, *grant.read)]
    assert all(topic.startswith("a/b/") for topic in every if not topic.startswith("homeassistant/"))
    assert READING.filter("a/b", site="main") in elsewhere["collector"].publish


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
    allowed = grants(BrokerDeployment(announces=True))
    assert "homeassistant/device/+/config" in allowed["processor"].publish
    assert allowed[HOME_ASSISTANT].publish == ("printers/+/refresh", "homeassistant/status")
    assert allowed[HOME_ASSISTANT].read == ("printers/#", "homeassistant/#")
    others = set(USERS) - {"processor", "up"}
    assert {user: allowed[user] for user in others} == {user: GRANTS[user] for user in others}


def test_console_and_up_may_remove_what_was_announced_whether_or_not_it_still_is() -> None:
    assert may_publish("console", "homeassistant/device/printers_lib-1/config")
    assert may_read("console", "homeassistant/device/+/config")
    assert may_publish("up", "homeassistant/device/printers_lib-1/config")
    assert may_read("up", "homeassistant/device/+/config")
    assert not may_publish("reader", "homeassistant/device/printers_lib-1/config")

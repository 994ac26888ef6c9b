"""Topics: named, matched and documented from one declaration."""

import re

import pytest

from core.contract.topics import PRESENCE, READING, TOPICS, Topic, named_by_topic, presence_topic
from tests.paths import ROOT


def test_a_topic_is_named_filtered_and_matched_by_one_pattern() -> None:
    assert READING.name("printers", printer_id="lib-1", site="main") == "printers/lib-1/reading/main"
    assert READING.filter("printers") == "printers/+/reading/+"
    assert READING.filter("printers", site="main") == "printers/+/reading/main"
    assert PRESENCE.filter("p", service="processor") == "p/$services/processor/+"
    assert READING.levels("printers", "printers/lib-1/reading/main") == {
        "printer_id": "lib-1",
        "site": "main",
    }


@pytest.mark.parametrize(
    "topic",
    [
        "other/lib-1/reading",
        "printers/lib-1/state",
        "printers/a/b/reading/c",
        "printers",
        "printers/lib-1/reading",
    ],
)
def test_what_is_not_this_topic_does_not_match(topic: str) -> None:
    assert READING.levels("printers", topic) is None


def test_the_presence_of_a_collector_belongs_to_its_site_and_of_others_to_their_service() -> None:
    ours = presence_topic("p", "collector", "vm", "library")
    assert ours == "p/$sites/library/presence/vm"
    assert named_by_topic("p", ours) == ("collector", "vm", "library")
    theirs = presence_topic("p", "processor", "vm", None)
    assert theirs == "p/$services/processor/vm"
    assert named_by_topic("p", theirs) == ("processor", "vm", None)
    assert named_by_topic("p", "p/$services/collector/vm") is None
    assert named_by_topic("p", "p/$sites/library/stored") is None


def test_every_message_is_qos_1_and_no_two_topics_share_a_pattern() -> None:
    assert {topic.qos for topic in TOPICS} == {1}
    assert len({topic.pattern for topic in TOPICS}) == len(TOPICS)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.pattern)
def test_the_documentation_has_a_row_and_every_field_of_each_topic(topic: Topic) -> None:
    text = (ROOT / "docs/topics.md").read_text(encoding="utf-8")
    row = f"| `printers/{topic.pattern}` | `{topic.payload.__name__}` | {', '.join(topic.publishers)} | "
    row += f"{topic.qos} | {'yes' if topic.retain else 'no'} |"
    assert row in text
    section = re.split(rf"^### {topic.payload.__name__}$", text, flags=re.MULTILINE)[1].split("\n### ")[0]
    for field in topic.payload.model_fields:
        assert f"`{field}`" in section, f"{topic.payload.__name__}.{field} is not described in docs/topics.md"

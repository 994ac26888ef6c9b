"""Topics: named, matched and documented from one declaration."""

import re

import pytest

from fleet.topics import PRESENCE, READING, TOPICS, Topic
from tests.paths import ROOT


def test_a_topic_is_named_filtered_and_matched_by_one_pattern() -> None:
    assert READING.name("printers", printer_id="lib-1") == "printers/lib-1/reading"
    assert READING.filter("printers") == "printers/+/reading"
    assert PRESENCE.filter("p", service="collector") == "p/$services/collector/+"
    assert READING.levels("printers", "printers/lib-1/reading") == {"printer_id": "lib-1"}


@pytest.mark.parametrize(
    "topic", ["other/lib-1/reading", "printers/lib-1/state", "printers/a/b/reading", "printers"]
)
def test_what_is_not_this_topic_does_not_match(topic: str) -> None:
    assert READING.levels("printers", topic) is None


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

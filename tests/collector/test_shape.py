"""Answers that look alike are sorted out once: a poll brings what it would have brought anyway."""

import asyncio
import random
from collections.abc import Callable

import pytest

from collector.poll import Capabilities, PollResult, poll, poller
from collector.poll.shape import Shapes
from tests.collector.agents import (
    FakeAgent,
    Oid,
    Reply,
    Request,
    Value,
    column,
    number,
    small_printer,
    text,
)
from tests.collector.in_memory import AGENT, InMemory


class Moody(FakeAgent):
    """Now and then answers with an error, cut off, or not at all."""

    def __init__(self, objects: dict[Oid, Value]) -> None:
        super().__init__(objects)
        self.max_octets = 4000  # an answer that is cut off is asked for again, and has no shape
        self.mood: Callable[[Request, Reply], Reply | None] = lambda _request, reply: reply

    def reply(self, request: Request) -> Reply | None:
        usual = super().reply(request)
        return None if usual is None else self.mood(request, usual)


def change(chance: random.Random, agent: Moody) -> None:
    """Another value, another row, an object less, or odd answers."""
    objects = agent.objects
    kind = chance.choice(("value", "value", "same", "same", "same", "row", "less", "cut", "error", "mute"))
    agent.mood = lambda _request, reply: reply
    if kind == "value":
        objects |= column("prtMarkerSuppliesLevel", {"1.1": number(chance.randrange(100))})
    elif kind == "row":
        row = f"1.{chance.randrange(1, 5)}"
        objects |= column("prtAlertCode", {row: number(8)})
        objects |= column("prtAlertSeverityLevel", {row: number(3)})
    elif kind == "less" and len(objects) > 5:
        del objects[chance.choice(sorted(objects))]
    elif kind == "cut":
        agent.mood = lambda _request, reply: reply._replace(objects=reply.objects[: len(reply.objects) // 2])
    elif kind == "error":
        agent.mood = lambda _request, reply: Reply(5, 1, reply.objects)
    elif kind == "mute":
        agent.mood = lambda request, reply: None if len(request.oids) > 20 else reply


@pytest.mark.parametrize("seed", range(8))
def test_whatever_an_agent_answers_the_result_is_that_of_the_walk(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, shapes = random.Random(seed), Shapes()
    agent, known = Moody(small_printer()), Capabilities()
    for count in range(40):
        if count % 10 == 0:  # an agent that was odd once is asked in another way from then on
            agent, known = Moody(small_printer()), Capabilities()
        if count % 10 > 2:
            change(chance, agent)
        results: list[PollResult] = []
        for own in (Shapes(), shapes):
            monkeypatch.setattr(poller, "_SHAPES", own)
            results.append(asyncio.run(poll(InMemory(agent), AGENT, known, now=1_000_000.0)))
        walked, by_shape = results
        assert by_shape == walked
        assert list(by_shape.varbinds) == list(walked.varbinds)
        known = walked.capabilities
    assert len(shapes) > 0


def test_another_value_is_seen_in_answers_that_look_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes, known = Shapes(), Capabilities()
    agent, texts = Moody(small_printer()), list[str]()
    monkeypatch.setattr(poller, "_SHAPES", shapes)
    for word in ("Ready", "Ready", "Ready", "Tray 2 empty", "Sleep"):
        agent.objects |= column("prtConsoleDisplayBufferText", {"1.1.1": text(word)})
        result = asyncio.run(poll(InMemory(agent), AGENT, known))
        known = result.capabilities
        said = [value for name, value in result.varbinds.items() if ".43.16." in name]
        texts += [bytes.fromhex(str(value)).decode() for value in said]
    assert texts == ["Ready", "Ready", "Ready", "Tray 2 empty", "Sleep"]
    assert len(shapes) == 1

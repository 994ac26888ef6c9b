"""Periodic work goes on whatever fails, says so once, and ends at once."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

import pytest

from core.runtime.periodic import PeriodicTask, repeat
from tests.patience import PATIENCE_SECONDS


class Step:
    """A step that fails as it is told to, and counts."""

    def __init__(self, *failures: Exception | None) -> None:
        self.failures = list(failures)
        self.done = 0
        self.at: list[float] = []
        self.ended = threading.Event()

    def __call__(self) -> None:
        self.at.append(time.monotonic())
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.done += 1
        if self.done == 2:
            self.ended.set()

    async def in_loop(self) -> None:
        self()


def in_thread(step: Step) -> None:
    stopping = threading.Event()
    task = PeriodicTask("work", [step], 0.01, stopping)
    task.start()
    assert step.ended.wait(PATIENCE_SECONDS)
    stopping.set()
    task.wake()
    task.join(PATIENCE_SECONDS)


def in_loop(step: Step) -> None:
    async def main() -> None:
        task = asyncio.create_task(repeat("work", step.in_loop, 0.01))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not step.ended.is_set():
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())


@pytest.mark.parametrize("run", [in_thread, in_loop])
def test_a_failure_is_said_once_and_again_when_it_is_another_one(
    run: Callable[[Step], None], caplog: pytest.LogCaptureFixture
) -> None:
    away, full = OSError(111, "Connection refused"), OSError(28, "No space left on device")
    with caplog.at_level(logging.INFO, logger="core.runtime.periodic"):
        run(Step(None, away, away, full, full, away))
    assert caplog.messages == [
        "work: Connection refused; trying again",
        "work: No space left on device; trying again",
        "work: Connection refused; trying again",
        "work: going on",
    ]


def test_what_is_rare_is_tried_again_soon_where_it_failed() -> None:
    stopping, step = threading.Event(), Step(OSError(5, "away"))
    task = PeriodicTask("work", [step], 3600, stopping)
    task.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not step.done:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert step.at[1] - step.at[0] < 30
    stopping.set()
    task.wake()
    task.join(PATIENCE_SECONDS)


def test_a_task_that_waits_for_an_hour_ends_at_once() -> None:
    stopping, step = threading.Event(), Step()
    task = PeriodicTask("work", [step], 3600, stopping)
    task.start()
    stopping.set()
    task.wake()
    began = time.monotonic()
    task.join(PATIENCE_SECONDS)
    assert time.monotonic() - began < 5
    assert step.done <= 1


def test_a_step_that_says_that_there_is_more_is_done_again_at_once() -> None:
    stopping, left = threading.Event(), [1] * 50
    done = threading.Event()

    def step() -> bool:
        if not left:
            done.set()
            return False
        left.pop()
        return True

    task = PeriodicTask("work", [step], 3600, stopping)
    task.start()
    assert done.wait(PATIENCE_SECONDS)
    stopping.set()
    task.wake()
    task.join(PATIENCE_SECONDS)

"""Whose turn it is: spread, backed off, and a person's wish first; all in made-up time."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.schedule import MAX_REFRESHES, Job, Schedule
from core.contract.messages import PolledPrinter
from core.runtime.settings import CredentialProfile, SnmpSettings

INTERVAL = 300.0
DELICATE = {"delicate": CredentialProfile(poll_interval_seconds=3600)}


def printers(count: int) -> list[PolledPrinter]:
    return [PolledPrinter(printer_id=f"p{number}", host="192.0.2.1") for number in range(count)]


def schedule_of(count: int, now: float = 0.0) -> Schedule:
    schedule = Schedule(lambda _: INTERVAL, seed=1)
    schedule.replace(printers(count), now)
    return schedule


def take_refresh(schedule: Schedule, now: float) -> Job:
    job = schedule.take_refresh(now)
    assert job
    return job


def take_due(schedule: Schedule, now: float) -> Job:
    job = schedule.take_due(now)
    assert job
    return job


def take_all(schedule: Schedule, now: float) -> list[Job]:
    jobs = []
    while job := schedule.take_due(now):
        jobs.append(job)
    return jobs


def run(
    schedule: Schedule, until: float, *, dead: frozenset[str] = frozenset(), start: float = 0.0
) -> list[tuple[float, str]]:
    """Let time pass; every job takes no time."""
    asked, now = [], start
    while now <= until:
        while job := schedule.take_refresh(now) or schedule.take_due(now):
            asked.append((now, job.printer.printer_id))
            schedule.finish(job, now, reachable=job.printer.printer_id not in dead)
        coming = [at for at in (schedule.next_due_at(), schedule.next_refresh_at()) if at is not None]
        now = min(coming)
    return asked


def test_printers_of_a_profile_with_an_interval_of_its_own_are_asked_that_often() -> None:
    schedule = Schedule(SnmpSettings(snmp_profiles=DELICATE).poll_interval, seed=1)
    asleep = [one.model_copy(update={"profile": "delicate"}) for one in printers(20)[10:]]
    schedule.replace([*printers(10), *asleep], 0.0)
    times = Counter(printer_id for _, printer_id in run(schedule, 8 * 3600.0))
    assert {times[f"p{n}"] for n in range(10)} <= set(range(94, 98))
    assert {times[f"p{n}"] for n in range(10, 20)} <= {8, 9}


def test_how_long_a_reading_stands_is_told_by_the_interval_of_its_printer() -> None:
    schedule = Schedule(SnmpSettings(snmp_profiles=DELICATE).poll_interval, seed=1)
    schedule.replace([printers(1)[0].model_copy(update={"profile": "delicate"})], 0.0)
    assert (schedule.finish(take_due(schedule, 0.0), 0.0, reachable=True) or 0) >= 3600


HOUR = 3600.0
NIGHT = (22 * HOUR, 30 * HOUR)


def by_night(moment: float) -> float | None:
    """From 22:00 to 6:00, in seconds since a midnight."""
    clock = moment % (24 * HOUR)
    return 6 * HOUR - clock if clock < 6 * HOUR else 30 * HOUR - clock if clock >= 22 * HOUR else None


def test_in_quiet_hours_printers_are_asked_rarely_and_after_them_all_within_an_interval() -> None:
    clock = [12 * HOUR]
    profiles = {"rare": CredentialProfile(poll_interval_seconds=7200)}
    schedule = Schedule(
        SnmpSettings(snmp_profiles=profiles).poll_interval,
        quiet_left=lambda wait: by_night(clock[0] + wait),
        quiet_interval=HOUR,
        seed=1,
    )
    rare = [one.model_copy(update={"profile": "rare"}) for one in printers(60)[50:]]
    schedule.replace([*printers(50), *rare], clock[0])
    dead = frozenset({"p1", "p2"})
    asked = []
    while clock[0] < 36 * HOUR:
        while job := schedule.take_due(clock[0]):
            name = job.printer.printer_id
            asked.append((clock[0], name))
            assert (schedule.finish(job, clock[0], reachable=name not in dead) or 0) >= INTERVAL
        clock[0] = schedule.next_due_at() or 0.0
    night = Counter(name for at, name in asked if NIGHT[0] + INTERVAL <= at < NIGHT[1])
    assert {night[f"p{n}"] for n in range(50)} <= {6, 7, 8, 9}
    assert {night[f"p{n}"] for n in range(50, 60)} <= {3, 4, 5}
    morning = {name for at, name in asked if NIGHT[1] <= at < NIGHT[1] + 1.1 * INTERVAL}
    assert morning >= {f"p{n}" for n in range(50)} - dead
    busiest = Counter(int(at / 30) for at, _ in asked if at >= NIGHT[1]).most_common(1)[0][1]
    assert busiest < 20, "not all at once"
    day = Counter(name for at, name in asked if 31 * HOUR <= at < 36 * HOUR)
    assert {day[f"p{n}"] for n in range(3, 50)} <= set(range(58, 62))


def test_printers_never_read_are_asked_at_once() -> None:
    assert len(take_all(schedule_of(50), 0.0)) == 50


def test_afterwards_they_are_spread_over_the_interval() -> None:
    asked = run(schedule_of(1000), 10 * INTERVAL)
    per_tenth = Counter(int(at // (INTERVAL / 10)) for at, _ in asked if INTERVAL * 2 <= at < INTERVAL * 9)
    assert all(60 <= count <= 140 for count in per_tenth.values()), per_tenth


def test_each_is_asked_once_in_an_interval_at_its_own_moment() -> None:
    asked = run(schedule_of(20), 20 * INTERVAL)
    for printer in printers(20):
        times = [at for at, printer_id in asked if printer_id == printer.printer_id]
        gaps = [after - before for before, after in pairwise(times)]
        assert 0.5 * INTERVAL <= gaps[0] <= 1.55 * INTERVAL
        assert all(0.97 * INTERVAL <= gap <= 1.03 * INTERVAL for gap in gaps[1:])


def test_a_dead_printer_is_asked_less_and_less_but_for_ever() -> None:
    asked = [at for at, _ in run(schedule_of(1), 100 * INTERVAL, dead=frozenset({"p0"}))]
    gaps = [round((after - before) / INTERVAL) for before, after in pairwise(asked[1:])]
    assert gaps[:3] == [2, 4, 8]
    assert set(gaps[3:]) == {8}


def test_the_back_off_of_a_long_interval_is_an_hour_at_most_or_the_interval() -> None:
    for interval, longest in ((1800.0, 3600.0), (7200.0, 7200.0)):
        schedule = Schedule({"default": interval}.__getitem__, seed=1)
        schedule.replace(printers(1), 0.0)
        asked = [at for at, _ in run(schedule, interval * 40, dead=frozenset({"p0"}))]
        gaps = [after - before for before, after in pairwise(asked)]
        assert max(gaps) <= longest + interval * 0.55


def test_finish_says_when_the_next_reading_is_due() -> None:
    schedule = schedule_of(1)
    job = take_due(schedule, 0.0)
    wait = schedule.finish(job, 0.0, reachable=True)
    assert wait is not None
    assert wait >= INTERVAL
    assert schedule.next_due_at() == pytest.approx(wait) or wait == INTERVAL
    for failures, intervals in enumerate((1, 2, 4, 8, 8), start=1):
        now = schedule.next_due_at() or 0.0
        job = take_due(schedule, now)
        assert job.failing is (failures > 1)
        wait = schedule.finish(job, now, reachable=False)
        assert wait == pytest.approx(intervals * INTERVAL, rel=0.05, abs=INTERVAL * 0.52)


def test_a_printer_that_answers_again_returns_to_its_interval() -> None:
    schedule = schedule_of(1)
    now = 0.0
    for _ in range(6):
        job = take_due(schedule, now)
        schedule.finish(job, now, reachable=False)
        now = schedule.next_due_at() or 0.0
    job = take_due(schedule, now)
    schedule.finish(job, now, reachable=True)
    assert (schedule.next_due_at() or 0.0) - now <= 1.55 * INTERVAL


def test_a_refresh_is_due_at_once_also_of_a_dead_printer() -> None:
    schedule = schedule_of(3)
    for job in take_all(schedule, 0.0):
        schedule.finish(job, 0.0, reachable=False)
    assert schedule.take_due(10.0) is None
    assert schedule.refresh("p1", "wish", 10.0)
    job = take_refresh(schedule, 10.0)
    assert job == Job(printers(3)[1], ("wish",), failing=True)
    before = schedule.next_due_at()
    schedule.finish(job, 11.0, reachable=False)
    assert schedule.next_due_at() == before, "a person's try does not make the back-off longer"
    schedule.refresh("p1", "again", 20.0)
    job = take_refresh(schedule, 20.0)
    assert schedule.finish(job, 20.0, reachable=True) == pytest.approx(INTERVAL, abs=0.55 * INTERVAL)


def test_refreshes_that_come_together_are_answered_together() -> None:
    schedule = schedule_of(1)
    for wish in ("a", "b", "a", "c"):
        assert schedule.refresh("p0", wish, 0.0)
    job = take_refresh(schedule, 0.0)
    assert job.refresh_ids == ("a", "b", "c")
    assert schedule.take_refresh(0.0) is None
    assert schedule.take_due(0.0) is None, "it is being asked already"


def test_a_wish_during_the_reading_is_another_reading_and_not_within_the_second() -> None:
    schedule = schedule_of(1)
    schedule.refresh("p0", "a", 0.0)
    job = take_refresh(schedule, 0.0)
    schedule.refresh("p0", "b", 0.1)
    assert schedule.take_refresh(0.1) is None
    schedule.finish(job, 0.2, reachable=True)
    assert schedule.take_refresh(0.2) is None
    assert schedule.next_refresh_at() == 1.0
    job = take_refresh(schedule, 1.0)
    assert job.refresh_ids == ("b",)


def test_whoever_floods_a_printer_is_not_listened_to() -> None:
    schedule = schedule_of(1)
    accepted = [schedule.refresh("p0", str(number), 0.0) for number in range(1000)]
    assert sum(accepted) == MAX_REFRESHES
    assert not schedule.refresh("not-ours", "a", 0.0)


def test_a_new_inventory_asks_new_and_changed_printers_only() -> None:
    schedule = schedule_of(3)
    for job in take_all(schedule, 0.0):
        schedule.finish(job, 0.0, reachable=True)
    moved = PolledPrinter(printer_id="p1", host="192.0.2.99")
    new = PolledPrinter(printer_id="new", host="192.0.2.1")
    assert schedule.replace([printers(3)[0], moved, new], 1.0) == (2, 2)
    assert {job.printer for job in take_all(schedule, 1.0)} == {moved, new}
    assert len(schedule) == 3


def test_what_was_being_asked_of_a_printer_that_has_gone_or_moved_counts_no_more() -> None:
    schedule = schedule_of(2)
    first, second = sorted(take_all(schedule, 0.0), key=lambda job: job.printer.printer_id)
    schedule.replace([PolledPrinter(printer_id="p1", host="192.0.2.99")], 0.0)
    assert schedule.finish(first, 1.0, reachable=True) is None
    assert schedule.finish(second, 1.0, reachable=True) is None
    assert len(take_all(schedule, 1.0)) == 1


def test_failing_printers_can_be_left_out() -> None:
    schedule = schedule_of(2)
    for job in take_all(schedule, 0.0):
        schedule.finish(job, 0.0, reachable=job.printer.printer_id == "p0")
    later = 3 * INTERVAL
    healthy = schedule.take_due(later, failing=False)
    assert healthy
    assert healthy.printer.printer_id == "p0"
    assert schedule.take_due(later, failing=False) is None
    assert schedule.take_due(later) is not None


@given(st.lists(st.tuples(st.sampled_from("tfFrx"), st.integers(0, 5), st.floats(0, 500)), max_size=80))
def test_whatever_happens_no_printer_is_asked_twice_at_once_or_forgotten(
    steps: list[tuple[str, int, float]],
) -> None:
    schedule, now = schedule_of(6), 0.0
    running: list[Job] = []
    for step, number, passed in steps:
        now += passed
        if step == "t" and (job := schedule.take_refresh(now) or schedule.take_due(now)):
            assert job.printer not in [other.printer for other in running]
            running.append(job)
        elif step in "fF" and running:
            schedule.finish(running.pop(number % len(running)), now, reachable=step == "f")
        elif step == "r":
            schedule.refresh(f"p{number}", str(now), now)
    for job in running:
        schedule.finish(job, now, reachable=True)
    late = now + 20 * INTERVAL
    assert {job.printer.printer_id for job in take_all(schedule, late)} == {f"p{n}" for n in range(6)}


def test_a_printer_that_says_that_something_happened_is_asked_at_once() -> None:
    schedule = schedule_of(3)
    for job in take_all(schedule, 0.0):
        schedule.finish(job, 0.0, reachable=True)
    assert schedule.poll_soon("p1", 5.0)
    job = take_due(schedule, 5.0)
    assert (job.printer.printer_id, job.refresh_ids) == ("p1", ())
    assert (schedule.finish(job, 6.0, reachable=True) or 0) >= INTERVAL
    assert not schedule.poll_soon("somebody-else", 6.0)


def test_a_printer_that_says_so_again_and_again_is_asked_seldom_and_once_more_at_the_end() -> None:
    schedule = schedule_of(1)
    schedule.finish(take_due(schedule, 0.0), 0.0, reachable=True)
    asked = []
    for tick in range(100, 400):
        now = tick / 10
        if now < 35:
            schedule.poll_soon("p0", now)
        if job := schedule.take_due(now):
            asked.append(now)
            schedule.finish(job, now, reachable=True)
    assert asked == [10.0, 20.0, 30.0]
    assert schedule.next_due_at() == 40.0


def test_what_happens_during_a_reading_is_read_after_it() -> None:
    schedule = schedule_of(1)
    job = take_due(schedule, 0.0)
    schedule.poll_soon("p0", 1.0)
    assert schedule.take_due(2.0) is None
    schedule.finish(job, 3.0, reachable=True)
    assert take_due(schedule, 3.0).printer.printer_id == "p0"


def test_a_printer_that_speaks_up_does_not_wait_for_its_back_off() -> None:
    schedule = schedule_of(1)
    now = 0.0
    for _ in range(6):
        now = schedule.next_due_at() or now
        schedule.finish(take_due(schedule, now), now, reachable=False)
    schedule.poll_soon("p0", now + 1)
    job = take_due(schedule, now + 1)
    assert job.failing
    schedule.finish(job, now + 2, reachable=True)
    assert (schedule.next_due_at() or 0) <= now + 2 + 1.6 * INTERVAL


def test_whether_a_printer_is_polled_just_now_is_known() -> None:
    schedule = schedule_of(1)
    assert not schedule.is_polled("p0")
    job = take_due(schedule, 0.0)
    assert schedule.is_polled("p0")
    assert not schedule.is_polled("p9"), "not ours"
    schedule.finish(job, 1.0, reachable=True)
    assert not schedule.is_polled("p0")


def test_those_that_speak_up_wait_behind_those_whose_turn_it_was() -> None:
    schedule = schedule_of(50)
    for number in range(40):
        schedule.poll_soon(f"p{number}", 0.5)
    assert {job.printer.printer_id for job in take_all(schedule, 1.0)} == {f"p{n}" for n in range(50)}

"""Agents that cannot be asked the best way are asked another way, and that is remembered."""

import pytest

from collector.poll import Capabilities
from core.contract.printer_mib import COLUMN_OID
from tests.collector.agents import (
    GEN_ERR,
    GET_BULK,
    GET_NEXT,
    TOO_BIG,
    FakeAgent,
    Oid,
    Reply,
    Request,
    oid,
    small_printer,
    text,
)
from tests.collector.polling import EXPECTED_TABLES, assert_all_read, polls


def test_what_was_learnt_outlives_a_night_and_is_forgotten_after_ten_silent_polls() -> None:
    learnt = Capabilities(version="1", cells=7)
    for _ in range(9):
        learnt = learnt.after_silence()
    assert (learnt.version, learnt.cells) == ("1", 7)
    assert learnt.after_silence() == Capabilities()


def test_getnext_is_used_and_remembered_where_getbulk_is_an_error() -> None:
    class NoBulk(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            return Reply(GEN_ERR, 0, []) if request.pdu == GET_BULK else super().reply(request)

    fake = NoBulk(small_printer())
    first, second = polls(fake, 2)
    assert_all_read(first)
    assert_all_read(second)
    assert not second.capabilities.bulk
    assert fake.sent(GET_BULK) == 0


def test_getnext_is_used_where_getbulk_is_never_answered() -> None:
    class Deaf(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            return None if request.pdu == GET_BULK else super().reply(request)

    fake = Deaf(small_printer())
    first, second = polls(fake, 2, timeout=0.5)
    assert_all_read(first)
    assert_all_read(second)
    assert fake.sent(GET_BULK) == 0


class ColumnAfterColumn(FakeAgent):
    """Answers a GETBULK column by column instead of row by row."""

    def answer(self, request: Request) -> list[tuple[Oid, tuple[int, bytes] | None]]:
        found = super().answer(request)
        if request.pdu != GET_BULK:
            return found
        width = len(request.oids) - request.first
        body = found[request.first :]
        return found[: request.first] + [cell for n in range(width) for cell in body[n::width]]


class SameAgain(FakeAgent):
    """Answers a GETBULK with the row that was named in the request."""

    def following(self, name: Oid) -> tuple[Oid, tuple[int, bytes] | None]:
        if self.requests[-1].pdu == GET_BULK and name in self.objects:
            return name, self.objects[name]
        return super().following(name)


@pytest.mark.parametrize("kind", [ColumnAfterColumn, SameAgain])
def test_a_getbulk_answered_in_disorder_gives_way_to_getnext(kind: type[FakeAgent]) -> None:
    fake = kind(small_printer())
    first, second = polls(fake, 2)
    assert_all_read(first)
    assert_all_read(second)
    assert not second.capabilities.bulk
    assert fake.sent(GET_BULK) == 0


def test_fewer_objects_are_asked_for_after_too_big_and_that_is_remembered() -> None:
    class Narrow(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            if len(self.answer(request)) > 10:
                return Reply(TOO_BIG, 0, [])
            return super().reply(request)

    first, second = polls(Narrow(small_printer()), 2)
    assert_all_read(first)
    assert_all_read(second)
    assert second.capabilities.bulk
    assert 1 < second.capabilities.cells <= 10


def test_fewer_objects_are_asked_for_after_a_timeout_and_that_is_remembered() -> None:
    class Choking(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            return None if len(self.answer(request)) > 12 else super().reply(request)

    fake = Choking(small_printer())
    first, second = polls(fake, 2, timeout=0.5)
    assert_all_read(first)
    assert_all_read(second)
    assert second.capabilities.bulk
    assert 1 < second.capabilities.cells < 20


def test_single_objects_are_asked_for_after_gen_err_and_that_is_remembered() -> None:
    class OneAtATime(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            return Reply(GEN_ERR, 0, []) if len(request.oids) > 1 else super().reply(request)

    fake = OneAtATime(small_printer())
    first, second = polls(fake, 2)
    assert_all_read(first)
    assert_all_read(second)
    assert second.capabilities.cells == 1
    assert {len(request.oids) for request in fake.requests} == {1}


class SilentToMany(FakeAgent):
    """Does not answer a request that names more objects than it can bear."""

    most, bulk = 1, True

    def reply(self, request: Request) -> Reply | None:
        refused = len(request.oids) > self.most or (request.pdu == GET_BULK and not self.bulk)
        return None if refused else super().reply(request)


class SilentToFour(SilentToMany):
    most = 3


class SilentToTwoAndToBulk(SilentToMany):
    bulk = False


@pytest.mark.parametrize("kind", [SilentToMany, SilentToFour, SilentToTwoAndToBulk])
@pytest.mark.parametrize("version", ["auto", "1", "2c"])
def test_an_agent_that_is_silent_to_several_objects_is_read_object_by_object(
    kind: type[SilentToMany], version: str
) -> None:
    fake = kind(small_printer(), versions=[0] if version == "1" else [0, 1])
    first, second = polls(fake, 2, version=version, timeout=0.4)
    assert_all_read(first)
    assert_all_read(second)
    assert second.capabilities.cells <= fake.most
    assert all(len(request.oids) <= fake.most for request in fake.requests)


def test_a_v1_agent_that_is_silent_to_several_objects_is_found_where_the_version_is_open() -> None:
    [result] = polls(SilentToMany(small_printer(), versions=[0]), timeout=0.4)
    assert_all_read(result)
    assert result.capabilities.version == "1"


def test_a_first_question_that_was_lost_is_no_reason_to_ask_for_single_objects() -> None:
    class Sleepy(FakeAgent):
        """Wakes up by the first request that it gets, and does not answer that one."""

        def reply(self, request: Request) -> Reply | None:
            return super().reply(request) if len(self.requests) > 1 else None

    [result] = polls(Sleepy(small_printer()), timeout=0.4)
    assert_all_read(result)
    assert result.capabilities.cells > 1


def test_a_column_that_is_always_an_error_leaves_the_others_whole() -> None:
    class Broken(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            bad = oid(COLUMN_OID["prtMarkerSuppliesColorantIndex"])
            if any(asked[: len(bad)] == bad for asked in request.oids):
                return Reply(GEN_ERR, 0, [])
            return super().reply(request)

    fake = Broken(small_printer())
    first, second = polls(fake, 2)
    assert first.tables["supplies"] == "partial"
    assert first.capabilities.refused == ("prtMarkerSuppliesColorantIndex",)
    assert (first.capabilities.bulk, first.capabilities.cells) == (True, Capabilities().cells)
    assert_all_read(second)
    assert len(fake.requests) <= 6


def test_a_table_of_nothing_but_errors_is_failed_not_absent() -> None:
    class Broken(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            bad = oid("1.3.6.1.2.1.43.11.1.1")
            if any(asked[: len(bad)] == bad for asked in request.oids):
                return Reply(GEN_ERR, 0, [])
            return super().reply(request)

    for result in polls(Broken(small_printer()), 3):
        assert result.tables == EXPECTED_TABLES | {"supplies": "failed"}
        assert result.error is not None
        assert "supplies" in result.error


def test_a_single_gen_err_is_asked_again() -> None:
    class Stumbling(FakeAgent):
        stumbled = False

        def reply(self, request: Request) -> Reply | None:
            if len(request.oids) > 1:
                return Reply(GEN_ERR, 0, [])
            self.stumbled = not self.stumbled
            return Reply(GEN_ERR, 1, []) if self.stumbled else super().reply(request)

    [result] = polls(Stumbling(small_printer()))
    assert_all_read(result)


def test_an_empty_getbulk_answer_is_asked_by_getnext_and_getbulk_stays() -> None:
    class Overflowing(FakeAgent):
        """A long object behind the last table: one row of it does not fit."""

        max_octets = 700

    far = {oid("1.3.6.1.2.1.43.99.1"): text("x" * 250)}
    first, second = polls(Overflowing(small_printer() | far), 2)
    assert_all_read(first)
    assert_all_read(second)
    assert second.capabilities.bulk


def test_capabilities_that_make_no_sense_are_as_by_default() -> None:
    nonsense = {
        "version": 7,
        "bulk": "no",
        "cells": "x",
        "refused": ["nope"],
        "rows": [1],
        "silent_polls": -1,
    }
    assert Capabilities.from_json(nonsense) == Capabilities()
    assert Capabilities.from_json(None) == Capabilities()
    assert Capabilities.from_json({"cells": 10**9}) == Capabilities()


def test_a_lesser_way_gives_way_to_the_best_one_after_a_hundred_polls() -> None:
    learnt = Capabilities(version="2c", bulk=False)
    for _ in range(99):
        learnt = learnt.after_answer()
    assert not learnt.bulk
    assert learnt.after_answer() == Capabilities()


def test_requests_of_getnext_are_as_many_as_rows_not_as_objects() -> None:
    fake = FakeAgent(small_printer())
    [result] = polls(fake, version="1")
    assert_all_read(result)
    assert fake.sent(GET_NEXT) == len(fake.requests)
    assert len(fake.requests) < len(small_printer())

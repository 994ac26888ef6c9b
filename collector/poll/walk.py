"""The requests of one poll: asks until every column has ended, and finds a way that the agent answers."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from collector.drivers.protocol import (
    Agent,
    NoAnswer,
    Response,
    SnmpDriver,
    Varbind,
    Version,
    no_answer_sentence,
)
from collector.poll.capabilities import Capabilities
from collector.poll.column import ColumnProgress, ColumnStep, MibColumn
from collector.poll.plan import PollPlan, PollRequest, first_contact, next_request
from core.contract.ber import encode_oid
from core.contract.printer_mib import COLUMN_OID

TOO_BIG: Final = 1
NO_SUCH_NAME: Final = 2

_MAX_REQUESTS: Final = 1000
_MAX_SILENCES: Final = 4
_SECONDS: Final = 60.0  # for a whole poll, or ten answers at the last moment where that is longer
_UPTIME: Final = encode_oid(COLUMN_OID["sysUpTime"])


class Walk:
    """Reads columns from one agent and learns how it can be asked."""

    def __init__(self, driver: SnmpDriver, agent: Agent, capabilities: Capabilities) -> None:
        self._driver = driver
        self._agent = agent
        self._start = capabilities
        self._requests = 0
        self._silences = 0
        self._bulk_good = capabilities.bulk and bool(capabilities.rows)
        self._instead: PollRequest | None = None
        self._ahead: deque[Response | NoAnswer] = deque()
        """What was answered to the plan's requests before they were asked one by one."""
        self._until = asyncio.get_running_loop().time() + max(
            _SECONDS, 10 * agent.timeout_seconds * (agent.retries + 1)
        )
        self.capabilities = capabilities
        """What is known by now."""
        self.answers = 0
        """Answers so far; the number of the newest."""
        self.lost: str | None = None
        """Why the walk ended before its columns did."""
        self.refused_now: set[str] = set()
        """Columns that were an error in this poll, even when asked for alone."""
        self.last_error = 0
        """The newest error-status."""

    async def run(
        self,
        columns: Sequence[MibColumn],
        planned: Iterable[PollRequest] = (),
        *,
        seconds: float | None = None,
    ) -> None:
        """Ask until all columns have ended; raises SnmpError if nothing was ever answered.

        `planned` is asked first, as long as the agent answers as it is known to. Columns that are not read to
        their end within `seconds` are cut off there.
        """
        clock = asyncio.get_running_loop().time
        until = clock() + seconds if seconds is not None else None
        if self._speaks_bulk:
            await self._run_planned(planned)
        while self.lost is None:
            open_columns = [column for column in columns if column.progress is ColumnProgress.OPEN]
            if not open_columns:
                return
            if until is not None and clock() >= until:
                for column in open_columns:
                    column.progress = ColumnProgress.CUT
                return
            if self._requests >= _MAX_REQUESTS or clock() > self._until:
                self.lost = f"{self._agent.address} answers too slowly or without end: the rest was not read."
                break
            ask, bulk = self._choose(open_columns)
            await self._ask(ask, bulk=bulk)
        for column in columns:
            if column.progress is ColumnProgress.OPEN:
                column.progress = ColumnProgress.FAILED

    async def ask_ahead(self, plan: PollPlan) -> list[Response]:
        """Return the answers to all requests of a plan; nothing where one went wrong.

        run() with these requests then begins with what was answered, and goes on from there.
        """
        if not self._speaks_bulk or not self.capabilities.rows:
            return []
        answers: list[Response] = []
        for oids, heads, repetitions in plan.questions:
            try:
                response = await self._driver.get_bulk(self._agent, oids, heads, repetitions)
            except NoAnswer as error:
                self._ahead.append(error)
                return []
            self._ahead.append(response)
            if response.error_status:
                return []
            answers.append(response)
        return answers

    async def _run_planned(self, planned: Iterable[PollRequest]) -> None:
        for ask in planned:
            await self._ask(ask, bulk=True)
            if self.capabilities is not self._start or self._instead is not None or self.lost:
                break
        self._ahead.clear()  # answers to other requests than come now

    async def _ask(self, ask: PollRequest, *, bulk: bool) -> None:
        self._requests += 1
        try:
            if self.capabilities.version:
                response = await self._send(ask, bulk=bulk)
            else:
                ask, response = await self._greet(ask)
        except NoAnswer:
            if not self.answers:
                raise
            await self._unanswered(ask, bulk=bulk)
            return
        self.answers += 1
        if response.error_status:
            self._error(ask, response, bulk=bulk)
        elif self._take(ask, response.varbinds):
            self._bulk_good |= bulk
        else:
            self._misanswered(ask, response.varbinds, bulk=bulk)

    @property
    def _speaks_bulk(self) -> bool:
        return self.capabilities.bulk and self.capabilities.version not in ("", "1")

    def _choose(self, open_columns: Sequence[MibColumn]) -> tuple[PollRequest, bool]:
        """Return the next request, and whether it is a GETBULK."""
        known, instead = self.capabilities, self._instead
        if instead is not None:
            self._instead = None
            return instead, False
        if not known.version:
            return first_contact(open_columns), False
        bulk = self._speaks_bulk
        ask = next_request(open_columns, known, bulk=bulk)
        return ask, bulk and bool(ask.rows or len(ask.heads) > 1)

    async def _send(self, ask: PollRequest, *, bulk: bool) -> Response:
        if self._ahead:
            answered = self._ahead.popleft()
            if isinstance(answered, NoAnswer):
                raise answered
            return answered
        oids = [column.after for column in ask.columns]
        if bulk:
            return await self._driver.get_bulk(self._agent, oids, len(ask.heads), ask.repetitions)
        return await self._driver.get_next(self._agent, oids)

    async def _greet(self, ask: PollRequest) -> tuple[PollRequest, Response]:
        """Ask for the first time ever, which tells how to go on; gives what was answered of it."""
        oids = [column.after for column in ask.columns]
        version, response, alone = await first_answer(self._driver, self._agent, oids)
        self._agent = replace(self._agent, version=version)
        self._start = replace(self._start, version=version)
        self.capabilities = replace(self.capabilities, version=version)
        if not alone:
            return ask, response
        self.capabilities = replace(self.capabilities, cells=1)
        return PollRequest(ask.columns[:1], [], 0), response

    def _take(self, ask: PollRequest, varbinds: Sequence[Varbind]) -> bool:
        """Keep an answer; False, and nothing is kept, if it cannot be the answer to what was asked."""
        heads, width = len(ask.heads), len(ask.rows)
        if not varbinds or len(varbinds) > max(ask.cells, heads + width):
            return False
        body = len(varbinds) - heads
        if body > width:  # the last row may be cut off: all its columns are asked for again
            body -= body % width
        steps: list[tuple[MibColumn, Sequence[Varbind], ColumnStep]] = []
        for number, column in enumerate(ask.heads[: len(varbinds)]):
            cells = varbinds[number : number + 1]
            steps.append((column, cells, column.judge(cells)))
        for number, column in enumerate(ask.rows[: max(0, body)]):
            cells = varbinds[heads + number : heads + body : width]
            steps.append((column, cells, column.judge(cells)))
        if any(step.astray for _, _, step in steps):
            return False
        for column, cells, step in steps:
            column.take(cells, step, self.answers)
        return True

    def _misanswered(self, ask: PollRequest, varbinds: Sequence[Varbind], *, bulk: bool) -> None:
        """Fall back from GETBULK to GETNEXT, then to single objects; a single one ends its column."""
        if bulk and not varbinds and self._bulk_good:
            # RFC 3416, section 4.2.3: an empty answer is one that would have been too big for a datagram.
            self._instead = PollRequest(ask.columns, [], 0)
        elif bulk:
            self.capabilities = replace(self.capabilities, bulk=False)
        elif ask.cells > 1 and len(varbinds) != ask.cells:
            self.capabilities = replace(self.capabilities, cells=1)
        elif len(varbinds) == ask.cells:
            for column, varbind in zip(ask.columns, varbinds, strict=True):
                column.take([varbind], column.judge([varbind]), self.answers)
        else:
            self._refuse(ask.columns[0])

    def _error(self, ask: PollRequest, response: Response, *, bulk: bool) -> None:
        self.last_error = response.error_status
        if response.error_status == TOO_BIG and ask.cells > 1:
            self.capabilities = replace(self.capabilities, cells=ask.cells // 2)
        elif bulk:
            self.capabilities = replace(self.capabilities, bulk=False)
        elif response.error_status == NO_SUCH_NAME and 0 < response.error_index <= ask.cells:
            # RFC 1157, section 4.1.3: the named object has none after it; the others are asked for again.
            ask.columns[response.error_index - 1].progress = ColumnProgress.ENDED
        elif ask.cells > 1:
            self.capabilities = replace(self.capabilities, cells=1)
        elif response.error_status == NO_SUCH_NAME:
            ask.columns[0].progress = ColumnProgress.ENDED
        else:
            ask.columns[0].errors += 1
            if ask.columns[0].errors > 1:
                self._refuse(ask.columns[0])

    async def _unanswered(self, ask: PollRequest, *, bulk: bool) -> None:
        """Fall back after a silence that follows an answer: the request is too much, or the agent gone."""
        self._silences += 1
        if self._silences > _MAX_SILENCES or not await self._is_alive():
            self.lost = f"{self._agent.address} stopped answering during the poll."
        elif bulk and (self._silences > 1 or ask.cells == 1) and not self._bulk_good:
            self.capabilities = replace(self.capabilities, bulk=False)
        elif ask.cells > 1:
            self.capabilities = replace(self.capabilities, cells=max(1, ask.cells // 4))
        else:
            self._refuse(ask.columns[0])

    async def _is_alive(self) -> bool:
        try:
            await self._driver.get_next(self._agent, [_UPTIME])
        except NoAnswer:
            return False
        return True

    def _refuse(self, column: MibColumn) -> None:
        """Handle an error that belongs to this one column: the second poll in a row takes it as its end.

        The other columns are not to blame: they are asked for as before.
        """
        again = column.name in self._start.refused
        column.progress = ColumnProgress.ENDED if again else ColumnProgress.FAILED
        column.refused = True
        self.refused_now.add(column.name)
        if not again:
            refused = {*self.capabilities.refused, column.name}
            self.capabilities = replace(self._start, refused=tuple(sorted(refused)))


class FirstAnswer(NamedTuple):
    """Answers of a printer that was never asked before."""

    version: Version
    response: Response
    alone: bool = False
    """Only the first object was answered: more than one in a request is too much for this agent."""


async def first_answer(driver: SnmpDriver, agent: Agent, oids: Sequence[bytes]) -> FirstAnswer:
    """Ask a printer that has never answered; raises SnmpError where it answers nothing.

    Until it answers, the first object is asked for alone, too, and by v1 where the version is open. All of
    them share the time of one question: an agent that is not there costs no more than any other.
    """
    seconds = agent.timeout_seconds * (agent.retries + 1)
    pause = agent.timeout_seconds if agent.retries else seconds / 2
    whole = replace(agent, version=agent.spoken, timeout_seconds=seconds, retries=0)
    later = replace(whole, timeout_seconds=pause, retries=max(0, agent.retries - 1))
    tasks = [asyncio.create_task(_answer(driver, whole, oids))]
    try:
        await asyncio.wait(tasks, timeout=pause)
        if not tasks[0].done():
            tasks.append(asyncio.create_task(_answer(driver, later, oids[:1])))
            if agent.profile.version == "auto":
                by_v1 = replace(later, version="1")
                tasks.append(asyncio.create_task(_answer(driver, by_v1, oids[:1])))
        # v2c is preferred: what v1 has answered counts where v2c stays silent.
        place, response = await _first_of(tasks[:2]) or await _first_of(tasks[2:], 2) or (0, None)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if response is None:
        raise NoAnswer(no_answer_sentence(agent))
    version: Version = "1" if place > 1 else agent.spoken
    if place == 0 or len(oids) == 1:
        return FirstAnswer(version, response)
    # The datagram with the whole question may have been lost: it is asked again before this agent is taken
    # for one that answers single objects only.
    again = await _answer(driver, replace(later, version=version, retries=0), oids)
    return FirstAnswer(version, response, alone=True) if again is None else FirstAnswer(version, again)


async def _answer(driver: SnmpDriver, agent: Agent, oids: Sequence[bytes]) -> Response | None:
    try:
        return await driver.get_next(agent, oids)
    except NoAnswer:
        return None


async def _first_of(
    questions: Sequence[asyncio.Task[Response | None]], place: int = 0
) -> tuple[int, Response] | None:
    """Return the first response, with its place from `place` on; None where nothing is answered."""
    pending = set(questions)
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for number, question in enumerate(questions, place):
            response = question.result() if question in done else None
            if response is not None:
                return number, response
    return None

"""An SNMP agent for v1 and v2c as a function from request to answer (RFC 1157, RFC 3416)."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from core.contract import ber
from core.contract.ber import BerError
from simulator.recording import Arcs
from simulator.view import Instance, MibView

V1: Final = 0
V2C: Final = 1
GET: Final = 0xA0
GET_NEXT: Final = 0xA1
RESPONSE: Final = 0xA2
SET: Final = 0xA3
GET_BULK: Final = 0xA5

_TOO_BIG: Final = 1
_NO_SUCH_NAME: Final = 2
_NOT_WRITABLE: Final = 17
_MAX_NAMES: Final = 256
_MAX_REPETITIONS: Final = 1000
_CACHED_ANSWERS: Final = 512
_MOST_OCTETS: Final = 1400
_HEAD_OCTETS: Final = 32  # message and PDU headers, version, request id, error status and index


class _Request(NamedTuple):
    version: int
    community: bytes
    head: bytes
    """Version and community as they were sent: the answer repeats them."""
    kind: int
    request_id: bytes
    body: bytes
    """From the error status (or non-repeaters) on: equal bodies have equal answers."""


class _Asked(NamedTuple):
    first: int
    second: int
    names: list[Arcs]
    varbinds: bytes


_arcs = lru_cache(maxsize=8192)(ber.decode_arcs)


class SimulatedAgent:
    """Answers for one MibView; what is malformed or not for us gets no answer, as with real agents."""

    def __init__(
        self,
        view: MibView,
        community: bytes = b"public",
        versions: frozenset[int] = frozenset({V1, V2C}),
    ) -> None:
        self.view = view
        self._community = community
        self._versions = versions
        self._room = _MOST_OCTETS - _HEAD_OCTETS - len(community)
        self._answers: dict[tuple[int, int, bytes], bytes] = {}
        self._generation = -1

    def answer(self, message: bytes) -> bytes | None:
        """Return the response message; None where an agent stays silent."""
        try:
            request = _read(message)
            if request.version not in self._versions or request.community != self._community:
                return None
            body = self._body(request)
        except BerError:
            return None
        if body is None:
            return None
        return ber.encode_tlv(
            ber.SEQUENCE, request.head + ber.encode_tlv(RESPONSE, request.request_id + body)
        )

    def _body(self, request: _Request) -> bytes | None:
        if self._generation != self.view.generation or len(self._answers) > _CACHED_ANSWERS:
            self._answers.clear()
            self._generation = self.view.generation
        key = (request.version, request.kind, request.body)
        found = self._answers.get(key)
        if found is None:
            found = self._compute(request.version, request.kind, _asked(request.body))
            if found is not None:
                self._answers[key] = found
        return found

    def _compute(self, version: int, kind: int, asked: _Asked) -> bytes | None:
        if kind == GET_BULK:
            return None if version == V1 else _success(self._bulk(asked))
        if kind == SET:
            return _outcome(_NO_SUCH_NAME if version == V1 else _NOT_WRITABLE, 1, asked.varbinds)
        if kind not in (GET, GET_NEXT):
            return None
        if kind == GET:
            found = [self.view.get(name) for name in asked.names]
        else:
            skip = ber.COUNTER64 if version == V1 else None
            found = [self.view.following(name, skip) for name in asked.names]
        if version == V1:
            return self._v1(found, asked.varbinds)
        if sum(len(one.varbind) for one in found) > self._room:
            return _outcome(_TOO_BIG, 0, b"")
        return _success(found)

    def _v1(self, found: list[Instance], varbinds: bytes) -> bytes:
        """Answer version 1, which has no exceptions and no Counter64: one such name fails the request."""
        for at, one in enumerate(found, start=1):
            if one.tag in ber.EXCEPTION_TAGS or one.tag == ber.COUNTER64:
                return _outcome(_NO_SUCH_NAME, at, varbinds)
        if sum(len(one.varbind) for one in found) > self._room:
            return _outcome(_TOO_BIG, 0, varbinds)
        return _success(found)

    def _bulk(self, asked: _Asked) -> list[Instance]:
        found: list[Instance] = []
        room = self._room
        for row in self._rows(asked):
            for one in row:
                room -= len(one.varbind)
                if room < 0:
                    return found
                found.append(one)
        return found

    def _rows(self, asked: _Asked) -> Iterator[list[Instance]]:
        once = max(0, min(asked.first, len(asked.names)))
        yield [self.view.following(name) for name in asked.names[:once]]
        current = asked.names[once:]
        for _ in range(min(asked.second, _MAX_REPETITIONS) if current else 0):
            row = [self.view.following(name) for name in current]
            yield row
            if all(one.tag == ber.END_OF_MIB_VIEW for one in row):
                return
            current = [one.arcs for one in row]


def _read(message: bytes) -> _Request:
    _, start, end = _expect(message, 0, len(message), ber.SEQUENCE)
    version, at = ber.read_content(message, start, end, ber.INTEGER)
    community, at = ber.read_content(message, at, end, ber.OCTET_STRING)
    kind, begin, stop = ber.read_tlv(message, at, end)
    _, after_id = ber.read_content(message, begin, stop, ber.INTEGER)
    return _Request(
        ber.decode_integer(version),
        community,
        message[start:at],
        kind,
        message[begin:after_id],
        message[after_id:stop],
    )


def _asked(body: bytes) -> _Asked:
    first, at = ber.read_content(body, 0, len(body), ber.INTEGER)
    second, at = ber.read_content(body, at, len(body), ber.INTEGER)
    _, at, end = _expect(body, at, len(body), ber.SEQUENCE)
    varbinds = body[at:end]
    names: list[Arcs] = []
    while at < end:
        _, begin, at = _expect(body, at, end, ber.SEQUENCE)
        name, _ = ber.read_content(body, begin, at, ber.OBJECT_IDENTIFIER)
        names.append(_arcs(name))
        if len(names) > _MAX_NAMES:
            raise BerError("more names than a request has")
    return _Asked(ber.decode_integer(first), ber.decode_integer(second), names, varbinds)


def _expect(data: bytes, start: int, stop: int, expected: int) -> tuple[int, int, int]:
    tag, begin, end = ber.read_tlv(data, start, stop)
    if tag != expected:
        raise BerError(f"tag {tag:#x} where {expected:#x} belongs")
    return tag, begin, end


def _success(found: list[Instance]) -> bytes:
    return _outcome(0, 0, b"".join(one.varbind for one in found))


def _outcome(status: int, index: int, varbinds: bytes) -> bytes:
    return ber.encode_integer(status) + ber.encode_integer(index) + ber.encode_tlv(ber.SEQUENCE, varbinds)

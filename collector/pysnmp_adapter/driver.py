"""The driver on pysnmp: all versions, v3 above all, and the reference for our own."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from pyasn1.codec.ber import encoder
from pyasn1.error import PyAsn1Error
from pysnmp.carrier.asyncio.dgram import udp, udp6
from pysnmp.entity import config
from pysnmp.entity.rfc3413 import cmdgen
from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch.asyncio import SnmpEngine as Engine
from pysnmp.hlapi.v3arch.asyncio import auth, lcd, transport
from pysnmp.proto import errind
from pysnmp.proto.rfc1902 import ObjectName
from pysnmp.proto.rfc1905 import unSpecified

from collector.drivers.addresses import Addresses
from collector.drivers.protocol import (
    Agent,
    CredentialsRefused,
    NoAnswer,
    Response,
    SnmpError,
    Varbind,
    Version,
    no_answer_sentence,
)
from collector.drivers.request_ids import RequestIds
from collector.pysnmp_adapter.protocols import secrets_of
from core.contract.ber import BerError, decode_arcs, read_tlv
from core.runtime.settings import CredentialProfile

_REFUSALS: Final = {
    errind.UnknownUserName: "does not know the SNMPv3 user",
    errind.WrongDigest: "refused the authentication password or protocol of SNMPv3 user",
    errind.AuthenticationFailure: "refused the authentication password or protocol of SNMPv3 user",
    errind.DecryptionError: "refused the privacy password or protocol of SNMPv3 user",
    errind.UnsupportedSecurityLevel: "wants another security level (authentication, privacy) of SNMPv3 user",
    errind.NotInTimeWindow: "has a clock that does not fit the messages of SNMPv3 user",
}
_UNKNOWN_CONTEXT: Final = "1.3.6.1.6.3.12.1.5.0"  # snmpUnknownContexts

_SLACK_SECONDS: Final = 5.0
_VERSION_3: Final = 3
_IPV4_PARTS: Final = 2
"""Parts of a socket's address; of IPv6 there are four."""
_SILENCES_BEFORE_RESTART: Final = 20


Place = tuple[str, int]
"""Host and port."""


class _Session:
    """An engine of its own for each profile: two may give the same user name other passwords.

    pysnmp counts its message ids up and takes an answer from any address. Where messages are not
    authenticated (v1, v2c, v3 without a password) that would let one printer answer for another, so ids
    are drawn at random, and only an address that is being asked is listened to.
    """

    def __init__(self, *, authenticated: bool) -> None:
        self.engine: Any = Engine()
        self.targets = lcd.CommandGeneratorLcdConfigurator()
        self.silences = 0
        """Questions in a row that were not answered by anybody."""
        self.asked: Counter[Place] | None = None if authenticated else Counter()
        """How many questions each address is asked at the moment; None: any address may answer."""
        self.answering: set[Place] = set()
        """Addresses that have answered a question, or refused it."""
        for model in self.engine.message_processing_subsystems.values():
            model._cache.new_message_id = RequestIds()

    def only_says_who_it_is(self, place: tuple[Any, ...]) -> bool:
        """Return whether an address has told its engine id, which needs no password, and nothing else."""
        model = self.engine.message_processing_subsystems[_VERSION_3]
        domain = (_UdpTarget if len(place) == _IPV4_PARTS else _Udp6Target).TRANSPORT_DOMAIN
        engine_id, *_ = model.get_peer_engine_info(domain, place)
        return engine_id is not None and place[:2] not in self.answering

    @contextmanager
    def asking(self, place: Place) -> Iterator[None]:
        """Listen to an address meanwhile."""
        if self.asked is None:
            yield
            return
        self.asked[place] += 1
        try:
            yield
        finally:
            self.asked[place] -= 1
            if not self.asked[place]:
                del self.asked[place]


class _Guarded:
    """A transport of pysnmp that drops what comes from an address that is not being asked."""

    asked: Counter[Place] | None = None

    def datagram_received(self, datagram: bytes, address: tuple[Any, ...]) -> None:
        if self.asked is None or address[:2] in self.asked:
            super().datagram_received(datagram, address)  # type: ignore[misc]


class _Udp(_Guarded, udp.UdpAsyncioTransport):  # type: ignore[misc] # pysnmp's has no types
    pass


class _Udp6(_Guarded, udp6.Udp6AsyncioTransport):  # type: ignore[misc]
    pass


class _UdpTarget(transport.UdpTransportTarget):  # type: ignore[misc]
    PROTO_TRANSPORT = _Udp


class _Udp6Target(transport.Udp6TransportTarget):  # type: ignore[misc]
    PROTO_TRANSPORT = _Udp6


class PysnmpDriver:
    """Asks v1, v2c and v3 agents."""

    def __init__(self) -> None:
        self._addresses = Addresses()
        self._sessions: dict[tuple[CredentialProfile, Version], _Session] = {}

    async def start(self) -> None:
        """Do nothing: the first request opens what it needs."""

    async def close(self) -> None:
        """Close every engine."""
        for session in self._sessions.values():
            session.engine.close_dispatcher()
        self._sessions.clear()

    async def get(self, agent: Agent, oids: Sequence[bytes]) -> Response:
        """Send a GET for exactly these objects."""
        return await self._ask(agent, cmdgen.GetCommandGenerator(), oids, ())

    async def get_next(self, agent: Agent, oids: Sequence[bytes]) -> Response:
        """Send a GETNEXT for the object after each of these."""
        return await self._ask(agent, cmdgen.NextCommandGeneratorSingleRun(), oids, ())

    async def get_bulk(
        self, agent: Agent, oids: Sequence[bytes], non_repeaters: int, max_repetitions: int
    ) -> Response:
        """Send a GETBULK; version 1 does not have it."""
        generator = cmdgen.BulkCommandGeneratorSingleRun()
        return await self._ask(agent, generator, oids, (non_repeaters, max_repetitions))

    async def _ask(
        self, agent: Agent, generator: Any, oids: Sequence[bytes], numbers: tuple[int, ...]
    ) -> Response:
        _, place = await self._addresses.of(agent)
        session = self._session(agent)
        varbinds = [(ObjectName(decode_arcs(oid)), unSpecified) for oid in oids]
        try:
            with session.asking(place[:2]):
                target = await _configure(session, agent, place)
                answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
                context = agent.profile.context.encode()
                generator.send_varbinds(
                    session.engine, target, None, context, *numbers, varbinds, partial(_settle, answer)
                )
                # The library gives up by itself; a question lost in it must not wait for ever.
                limit = agent.timeout_seconds * (agent.retries + 1) * 2 + _SLACK_SECONDS
                indication, status, index, found = await asyncio.wait_for(answer, limit)
        except TimeoutError:
            indication, status, index, found = errind.requestTimedOut, 0, 0, ()
        except (PySnmpError, PyAsn1Error, OSError) as error:
            raise SnmpError(f"{agent.address} could not be asked: {error}.") from error
        silent = isinstance(indication, errind.RequestTimedOut)
        is_there = silent and agent.spoken == "3" and session.only_says_who_it_is(place)
        if not silent:
            session.answering.add(place[:2])
        self._count(agent, session, silent=silent)
        if indication:
            raise _failure(agent, indication, is_there=is_there)
        return Response(int(status), int(index), [_varbind(name, value) for name, value in found])

    def _session(self, agent: Agent) -> _Session:
        key = agent.profile, agent.spoken
        if key not in self._sessions:
            protected = agent.spoken == "3" and agent.profile.auth_protocol is not None
            self._sessions[key] = _Session(authenticated=protected)
        return self._sessions[key]

    def _count(self, agent: Agent, session: _Session, *, silent: bool) -> None:
        """Replace an engine that has long heard nothing: its socket may be the one that is dead."""
        session.silences = session.silences + 1 if silent else 0
        if silent:
            self._addresses.forget(agent)
        key = agent.profile, agent.spoken
        if session.silences >= _SILENCES_BEFORE_RESTART and self._sessions.get(key) is session:
            del self._sessions[key]
            session.engine.close_dispatcher()


async def _configure(session: _Session, agent: Agent, place: tuple[Any, ...]) -> str:
    """Register the agent with the engine; returns its name there."""
    kind = _UdpTarget if len(place) == _IPV4_PARTS else _Udp6Target
    target = await kind.create(place[:2], timeout=agent.timeout_seconds, retries=agent.retries)
    target.transport_address = place
    # Bound at once: Windows reads from bound sockets only.
    target.set_local_address(("::" if kind is _Udp6Target else "0.0.0.0", 0))  # noqa: S104
    name, _ = session.targets.configure(session.engine, _credentials(agent), target)
    config.get_transport(session.engine, kind.TRANSPORT_DOMAIN).asked = session.asked
    return str(name)


def _credentials(agent: Agent) -> Any:
    profile = agent.profile
    if agent.spoken != "3":
        community = profile.community.get_secret_value()
        return auth.CommunityData("ours", community, mpModel=0 if agent.spoken == "1" else 1)
    return auth.UsmUserData(profile.user, **secrets_of(profile))  # noqa: S509 (as strong as its profile says)


def _settle(answer: "asyncio.Future[Any]", _engine: Any, _handle: Any, *result: Any) -> None:
    """Take the library's callback: indication, status, index, objects, context."""
    if not answer.done():
        answer.set_result(result[:4])


def _failure(agent: Agent, indication: Any, *, is_there: bool) -> SnmpError:
    user = agent.profile.user
    if is_there:
        return CredentialsRefused(
            f"{agent.address} answers SNMPv3, but nothing that user {user!r} asks: its privacy password or "
            "protocol, or the context, is another one. Check its credential profile."
        )
    if isinstance(indication, errind.RequestTimedOut):
        return NoAnswer(no_answer_sentence(agent))
    for kind, sentence in _REFUSALS.items():
        if isinstance(indication, kind):
            return CredentialsRefused(f"{agent.address} {sentence} {user!r}: check its credential profile.")
    if str(indication) == _UNKNOWN_CONTEXT:
        return CredentialsRefused(
            f"{agent.address} does not know the SNMPv3 context {agent.profile.context!r}: check its profile."
        )
    return SnmpError(f"{agent.address} gave an answer that cannot be used ({indication}).")


def _varbind(name: Any, value: Any) -> Varbind:
    """Return the octets of an object as they were on the wire."""
    _, oid = _content(name)
    tag, content = _content(value)
    return Varbind(oid, tag, content)


def _content(value: Any) -> tuple[int, bytes]:
    data = bytes(encoder.encode(value))
    try:
        tag, begin, end = read_tlv(data, 0, len(data))
    except BerError as error:
        raise SnmpError(f"An answer holds a value that SNMP does not have: {error}.") from error
    return tag, data[begin:end]

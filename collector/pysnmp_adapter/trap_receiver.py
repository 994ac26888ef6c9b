"""Hears traps and informs with pysnmp, which decodes them, checks who sent them, and answers informs."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413.ntfrcv import NotificationReceiver
from pysnmp.proto.rfc1902 import OctetString

from collector.pysnmp_adapter.protocols import secrets_of
from collector.traps.trap import Trap
from core.contract.ber import (
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    BerError,
    decode_integer,
    read_content,
    read_tlv,
)
from core.runtime.settings import CredentialProfile

Send = Callable[[bytes, tuple[Any, ...]], None]

_VERSION_3: Final = 3
_AUTHENTICATED: Final = 0x01
_ENCRYPTED: Final = 0x02
_MOST_ENGINES: Final = 1000
_LONGEST_ENGINE_ID: Final = 32
# An engine that is told as a text (RFC 3411, SnmpEngineID); the enterprise is pysnmp's own.
_ENGINE_ID: Final = b"\x80\x00\x4f\xb8\x04"
_LONGEST_NAME: Final = 27
_FIRST_BOOT: Final = 1_700_000_000  # seconds of the epoch

log = logging.getLogger(__name__)


class Opening(NamedTuple):
    """Header fields of a version 3 message before anything is checked; empty for older ones."""

    engine_id: bytes = b""
    user: str = ""
    is_greeting: bool = False
    """The sender does not know our engine or its time yet: what it says is no notification."""
    flags: int = 0
    """Authenticated, encrypted (RFC 3412, section 6.4)."""

    def is_protected_for(self, profile: CredentialProfile | None) -> bool:
        """Return whether it is as protected as the user's messages must be; pysnmp asks only agents."""
        if profile is None:
            return True
        wanted = _AUTHENTICATED if profile.auth_protocol else 0
        wanted |= _ENCRYPTED if profile.priv_protocol else 0
        return self.flags & wanted == wanted


class _Carrier(udp.UdpAsyncioTransport):  # type: ignore[misc] # pysnmp's has no types
    """Stands for a socket towards pysnmp: what it sends goes to the socket of the listener."""

    def __init__(self, send: Send) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._send = send

    def send_message(self, message: Any, address: Any) -> None:
        self._send(bytes(message), tuple(address))

    def hand_over(self, message: bytes, address: tuple[Any, ...]) -> None:
        self._callback_function(self, udp.UdpTransportAddress(address), message)


class TrapReceiver:
    """Decodes one datagram after the other; `send` carries the answers to informs."""

    def __init__(self, name: str, communities: Iterable[str], send: Send) -> None:
        self._name = _ENGINE_ID + name.encode()[:_LONGEST_NAME]
        self._communities = tuple(dict.fromkeys(communities))
        self._send = send
        self._heard = False
        self._users: dict[tuple[bytes, str], CredentialProfile] = {}
        self._engine: Any = None
        self._carrier: _Carrier | None = None
        self._open()

    def close(self) -> None:
        """Let go of the engine."""
        self._engine.close_dispatcher()

    def hear(self, message: bytes, address: tuple[Any, ...], profiles: Iterable[CredentialProfile]) -> Trap:
        """Return the trap in a datagram; `profiles` are those its sender may have, the most likely first."""
        self._heard, opening, profile = False, Opening(), None
        try:
            opening = _opening_of(message)
            profile = next((p for p in profiles if p.version == "3" and p.user == opening.user), None)
            self._introduce(opening, profile)
            assert self._carrier is not None  # noqa: S101 (opened at the beginning)
            self._carrier.hand_over(message, address)
        except Exception as error:  # whatever a stranger's octets do in there is no fault of ours
            log.debug("a notification of %s cannot be read: %s", address[0], error)
        if self._heard and opening.is_protected_for(profile):
            return Trap.TRAP
        return Trap.GREETING if opening.is_greeting and not self._heard else Trap.NOTHING

    def _open(self) -> None:
        self._users.clear()
        self._engine = SnmpEngine(snmpEngineID=OctetString(self._name))
        # Rises with every start, without being kept anywhere: a sender takes a lower one for a replay.
        builder = self._engine.get_mib_builder()
        (boots,) = builder.import_symbols("__SNMP-FRAMEWORK-MIB", "snmpEngineBoots")
        boots.syntax = boots.syntax.clone(max(1, int(time.time()) - _FIRST_BOOT))
        self._carrier = _Carrier(self._send)
        config.add_transport(self._engine, udp.DOMAIN_NAME, self._carrier)
        for number, community in enumerate(self._communities):
            config.add_v1_system(self._engine, f"ours-{number}", community)
        NotificationReceiver(self._engine, self._take)

    def _take(self, *_notification: Any) -> None:
        self._heard = True

    def _introduce(self, opening: Opening, profile: CredentialProfile | None) -> None:
        """Make the sender's user known: keys belong to an engine, and each printer is one of its own."""
        engine_id, user = opening.engine_id, opening.user
        if profile is None or not engine_id or self._users.get((engine_id, user)) == profile:
            return
        if len(self._users) >= _MOST_ENGINES:
            self._engine.close_dispatcher()
            self._open()
        self._users[engine_id, user] = profile
        identity = OctetString(engine_id)
        config.add_v3_user(self._engine, user, securityEngineId=identity, **secrets_of(profile))


def _opening_of(message: bytes) -> Opening:
    """Return the header fields of a message (RFC 3412, section 6; RFC 3414, section 2.4); raises BerError."""
    _, offset, end = read_tlv(message, 0, len(message))
    version, offset = read_content(message, offset, end, INTEGER)
    if decode_integer(version) != _VERSION_3:
        return Opening()
    header, offset = read_content(message, offset, end, SEQUENCE)
    parameters, _ = read_content(message, offset, end, OCTET_STRING)
    _, offset, end = read_tlv(parameters, 0, len(parameters))
    engine_id, offset = read_content(parameters, offset, end, OCTET_STRING)
    boots, offset = read_content(parameters, offset, end, INTEGER)
    seconds, offset = read_content(parameters, offset, end, INTEGER)
    user, _ = read_content(parameters, offset, end, OCTET_STRING)
    if len(engine_id) > _LONGEST_ENGINE_ID:
        raise BerError("an engine id that is too long")
    never_met = not engine_id or not (decode_integer(boots) or decode_integer(seconds))
    return Opening(engine_id, user.decode(errors="replace"), never_met, _flags_of(header))


def _flags_of(header: bytes) -> int:
    _, offset = read_content(header, 0, len(header), INTEGER)  # the message's id
    _, offset = read_content(header, offset, len(header), INTEGER)  # its largest answer
    flags, _ = read_content(header, offset, len(header), OCTET_STRING)
    return flags[0] if flags else 0

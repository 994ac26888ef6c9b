"""The interface of every SNMP driver: requests to one agent, answers as bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from core.contract.errors import UserError
from core.domain.addresses import with_port
from core.runtime.settings import CredentialProfile

Version = Literal["1", "2c", "3"]


class Varbind(NamedTuple):
    """One object of an answer: content octets, not yet decoded."""

    oid: bytes
    tag: int
    value: bytes


class Response(NamedTuple):
    """An answer of an agent, errors included (RFC 3416, section 3: 2 is noSuchName, 5 is genErr ...)."""

    error_status: int
    error_index: int
    varbinds: list[Varbind]


@dataclass(frozen=True, slots=True)
class Agent:
    """An SNMP agent: its address and credentials."""

    host: str
    port: int
    profile: CredentialProfile
    timeout_seconds: float = 3.0
    retries: int = 1
    version: Version | None = None
    """The version to speak where the profile leaves it open ("auto")."""

    @property
    def spoken(self) -> Version:
        """The version to speak."""
        if self.version is not None:
            return self.version
        return "2c" if self.profile.version == "auto" else self.profile.version

    @property
    def address(self) -> str:
        """host:port as people write it."""
        return with_port(self.host, self.port)


class SnmpError(UserError):
    """An agent could not be asked; the message is one sentence for a person."""


class NoAnswer(SnmpError):
    """No valid answer came in time."""


class NameNotResolved(SnmpError):
    """The host's name has no address."""


class CredentialsRefused(SnmpError):
    """The agent answered that user, password or protocol are not right (SNMPv3)."""


def no_answer_sentence(agent: Agent) -> str:
    """Return what to tell of an agent that stays silent."""
    tries = agent.retries + 1
    times = "once" if tries == 1 else f"{tries} times"
    versions = (
        "v2c and v1" if agent.version is None and agent.profile.version == "auto" else f"v{agent.spoken}"
    )
    secret = "user, a password or the context is" if agent.spoken == "3" else "community is"
    return (
        f"{agent.address} did not answer "
        f"(SNMP {versions}, asked {times}, {agent.timeout_seconds:g} s each): "
        f"it is off or out of reach, SNMP is disabled, or its {secret} another one."
    )


class SnmpDriver(Protocol):
    """Asks agents; the context manager opens and closes its sockets."""

    async def start(self) -> None:
        """Make ready to ask."""
        ...

    async def close(self) -> None:
        """Close every socket; whoever still waits gets NoAnswer."""
        ...

    async def get(self, agent: Agent, oids: Sequence[bytes]) -> Response:
        """Send a GET for exactly these objects."""
        ...

    async def get_next(self, agent: Agent, oids: Sequence[bytes]) -> Response:
        """Send a GETNEXT for the object after each of these."""
        ...

    async def get_bulk(
        self, agent: Agent, oids: Sequence[bytes], non_repeaters: int, max_repetitions: int
    ) -> Response:
        """Send a GETBULK: the first `non_repeaters` once, up to `max_repetitions` rows of the others."""
        ...

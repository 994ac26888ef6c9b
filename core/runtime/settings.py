"""Every setting of every service, by environment variable or settings file; field names are the variables.

Each service takes the blocks it needs, once, at its entry. A secret can also be read from a file:
NAME_FILE=/run/secrets/name stands for NAME. Secrets are masked wherever settings are shown.
"""

import json
import re
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar, get_type_hints

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSettings

from core.contract.errors import SettingsError
from core.contract.values import ServiceName, SiteName
from core.domain.day_parts import ZonedDayPart, zoned_day_part
from core.runtime.env_file import env_file, read_env_file
from core.runtime.secret_files import SecretFiles, secret
from core.runtime.setting_types import (
    Contradiction,
    HostName,
    SecondsOrNever,
    WebAddress,
    ZonedHours,
    changeable,
    fault,
    in_order,
    needs,
)

AuthProtocol = Literal["MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512"]
PrivProtocol = Literal["DES", "AES", "AES192", "AES256"]
Percent = Annotated[int, Field(ge=0, le=100)]
Port = Annotated[int, Field(ge=1, le=65535)]


_NAMED_PROFILES: Final = 12
"""Names of profiles in a sentence."""


class CredentialProfile(BaseModel):
    """How a kind of printer is asked: SNMP version and its secrets (RFC 3414 for v3), and how often."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal["auto", "1", "2c", "3"] = "auto"
    """auto: v2c, and v1 where v2c is not answered."""
    community: SecretStr = SecretStr("public")
    user: str = ""
    auth_protocol: AuthProtocol | None = None
    auth_password: SecretStr | None = None
    priv_protocol: PrivProtocol | None = None
    priv_password: SecretStr | None = None
    context: str = ""
    poll_interval_seconds: Annotated[float, Field(ge=1, le=86400)] | None = None
    """How often such printers are asked for everything; None: as SNMP_POLL_INTERVAL_SECONDS says."""
    status_checks: bool = True
    """Ask between polls whether something has changed; false for printers that it wakes or harms."""

    @model_validator(mode="after")
    def _v3_is_whole(self) -> Self:
        if self.version != "3":
            return self
        if not self.user:
            raise ValueError("version 3 needs `user`")
        if (self.auth_protocol is None) != (self.auth_password is None):
            raise ValueError("auth_protocol and auth_password go together")
        if (self.priv_protocol is None) != (self.priv_password is None):
            raise ValueError("priv_protocol and priv_password go together")
        if self.priv_protocol and not self.auth_protocol:
            raise ValueError("privacy needs authentication: set auth_protocol too")
        for password in (self.auth_password, self.priv_password):
            if password is not None and len(password.get_secret_value()) < 8:  # noqa: PLR2004 (RFC 3414 11.2)
                raise ValueError("SNMPv3 passwords have at least 8 characters")
        return self


class EnvFileSource(PydanticBaseSettingsSource):
    """The source of pydantic-settings for the settings file."""

    def get_field_value(self, _field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Return part of the base's interface; this source answers for all fields at once in __call__."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the values of the block's fields that the file sets; an empty one counts as unset."""
        known = read_env_file()
        return {
            name: self._decoded(name, known)
            for name in self.settings_cls.model_fields
            if known.get(name.upper())
        }

    def _decoded(self, name: str, known: Mapping[str, str]) -> Any:
        text = known[name.upper()]
        if not self.field_is_complex(self.settings_cls.model_fields[name]):
            return text
        try:
            return json.loads(text)
        except ValueError:
            raise SettingsError(f"{name.upper()}: JSON is wanted. Correct it in {env_file()}.") from None


class Settings(BaseSettings):
    """The base of the blocks."""

    model_config = SettingsConfigDict(
        defer_build=True,  # a command reads two or three blocks of some thirty
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # Not dotenv_settings: python-dotenv expands ${...} and drops lines it does not understand.
        return init_settings, env_settings, SecretFiles(settings_cls), EnvFileSource(settings_cls)

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield what its settings say against each other, whoever sets them; a block has its rules here."""
        yield from ()

    @model_validator(mode="after")
    def _contradict_nothing(self) -> Self:
        if found := "; ".join(each.text for each in self.contradictions()):
            raise ValueError(found)
        return self


def _instance() -> str:
    return re.sub(r"[^a-z0-9-]+", "-", socket.gethostname().split(".")[0].lower()).strip("-") or "main"


class CommonSettings(Settings):
    """The data folder, the log level, and the names of this machine and site."""

    data_dir: Path = Path("data")
    """Database, history, spool and broker files."""
    debug: bool = False
    """More log lines, and the cause of an error with its sentence."""
    instance: ServiceName = Field(default_factory=_instance)
    """The name of this machine's services in their presence; default: the host name."""
    site: SiteName = "main"
    """The site whose printers this machine's collector polls."""


class DatabaseSettings(Settings):
    """SQLite in DATA_DIR, or PostgreSQL by DATABASE_URL."""

    data_dir: Path = Path("data")
    database_url: SecretStr | None = secret()
    """postgresql://user:password@host/name; unset: SQLite in DATA_DIR/db.sqlite3."""

    @property
    def url(self) -> str:
        """The SQLAlchemy URL; postgres:// and postgresql:// mean psycopg."""
        if self.database_url is None:
            return f"sqlite:///{(self.data_dir / 'db.sqlite3').as_posix()}"
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", self.database_url.get_secret_value())


class MqttSettings(Settings):
    """The broker. MQTT_HOST unset: `printers up` runs one on loopback."""

    mqtt_host: HostName | None = None
    """The broker to use; unset: `printers up` runs one on loopback."""
    mqtt_port: Port = 1883
    """The broker's port, also of the one that `printers up` runs (with MQTT_TLS usually 8883)."""
    mqtt_username: str | None = None
    """The user at the broker."""
    mqtt_password: SecretStr | None = secret()
    """The user's password."""
    mqtt_tls: bool = False
    """Encrypt the connection to the broker and verify its certificate."""
    mqtt_ca: Path | None = None
    """PEM file of the authority that signed the broker's certificate; unset: the system's."""
    mqtt_client_cert: Path | None = None
    """PEM file of our own certificate, where the broker asks for one."""
    mqtt_client_key: Path | None = None
    """PEM file of its private key."""
    mqtt_topic_prefix: Annotated[str, Field(pattern=r"^[^/+#$][^+#]{0,63}$")] = "printers"
    """The first level of every topic."""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield what would silently not be used: without TLS even a password would go in the clear."""
        yield from needs(self, "mqtt_password", "mqtt_username")
        yield from needs(self, "mqtt_ca", "mqtt_tls")
        yield from needs(self, "mqtt_client_cert", "mqtt_tls")
        yield from needs(self, "mqtt_client_key", "mqtt_client_cert")


DEFAULT_PROFILE: Final = "default"
"""The profile of printers that name none."""


class SnmpSettings(Settings):
    """Settings for polling printers; used by the collector alone."""

    snmp_community: SecretStr = secret(SecretStr("public"))
    """The community of SNMP v1 and v2c for printers of profile `default`."""
    snmp_version: Literal["auto", "1", "2c"] = "auto"
    """auto: v2c, and v1 where v2c is not answered."""
    snmp_timeout: Annotated[float, Field(gt=0, le=60)] = 3.0
    """Seconds to wait for an answer."""
    snmp_retries: Annotated[int, Field(ge=0, le=10)] = 1
    """How often a question without an answer is repeated."""
    snmp_poll_interval_seconds: Annotated[float, Field(ge=1, le=86400)] = 300.0
    """Every printer is asked for everything once in this time."""
    snmp_check_interval_seconds: SecondsOrNever = 60.0
    """How often each is asked in between, in one small request, for changes: 1 or more; 0: never."""
    snmp_quiet_hours: ZonedHours = ""
    """22:00-06:00 Europe/Berlin: printers may sleep then, are polled rarely and not checked in between."""
    snmp_quiet_poll_interval_seconds: Annotated[float, Field(ge=1, le=86400)] = 3600.0
    """How often each is polled in the quiet hours, at most."""
    snmp_driver: Literal["wire", "pysnmp"] = "wire"
    """wire: ours, fast, for v1 and v2c (v3 goes to pysnmp anyway); pysnmp: for everything."""
    snmp_concurrency: Annotated[int, Field(ge=1, le=10000)] = 200
    """How many printers are asked at the same time."""
    snmp_vendor_objects: bool = True
    """Ask printers for their makers' own objects: levels that the Printer MIB lacks, and page counters."""
    snmp_unverified_counters: bool = False
    """Ask more makers (Xerox, Lexmark) for page counters; nobody has compared these with a printer."""
    snmp_profiles: dict[str, CredentialProfile] = secret({})
    """JSON: {"secure": {"version": "3", "user": "...", "auth_protocol": "SHA256", "auth_password": "..."}}"""

    def poll_interval(self, name: str) -> float:
        """Return the seconds between polls of a printer of that profile."""
        profile = self.snmp_profiles.get(name)
        own = profile.poll_interval_seconds if profile else None
        return own or self.snmp_poll_interval_seconds

    def quiet_hours(self) -> ZonedDayPart | None:
        """Return the quiet hours; None where there are none."""
        written = self.snmp_quiet_hours.strip()
        return zoned_day_part(written) if written else None

    def checks_status(self, name: str) -> bool:
        """Return whether printers of a profile are asked between polls: whether there is time for it."""
        profile = self.snmp_profiles.get(name)
        wanted = profile.status_checks if profile else name == DEFAULT_PROFILE
        return wanted and 0 < self.snmp_check_interval_seconds < self.poll_interval(name)

    def profile(self, name: str) -> CredentialProfile | None:
        """Return the profile of that name; `default` is made of SNMP_VERSION and SNMP_COMMUNITY."""
        if name in self.snmp_profiles:
            return self.snmp_profiles[name]
        return (
            CredentialProfile(version=self.snmp_version, community=self.snmp_community)
            if name == DEFAULT_PROFILE
            else None
        )

    def no_profile(self, name: str) -> str:
        """Return the sentence for a profile that there is not."""
        known = ", ".join(sorted({DEFAULT_PROFILE, *self.snmp_profiles})[:_NAMED_PROFILES])
        return (
            f"the SNMP profile {name!r} is not known here (known: {known}): "
            "add it to SNMP_PROFILES of this site's collector."
        )


class RuleSettings(Settings):
    """Thresholds of the rules."""

    unreachable_after: Annotated[int, Field(ge=1, le=100)] = changeable(2)
    """Failed readings in a row before a printer counts as unreachable."""
    supply_low_percent: Percent = changeable(15)
    """At this level a supply is low."""
    supply_critical_percent: Percent = changeable(5)
    """At this level a low supply is critical."""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield a supply that would be critical before it is low."""
        yield from in_order(self, "supply_critical_percent", "supply_low_percent")


class ProcessorSettings(Settings):
    """Several processors on one database."""

    processor_group: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,32}$")] = ""
    """Processors of one group share the readings, where the broker has shared subscriptions."""


class HistorySettings(Settings):
    """The time series: embedded in DATA_DIR, or InfluxDB by INFLUXDB_URL."""

    data_dir: Path = Path("data")
    history_raw_days: Annotated[int, Field(ge=1, le=36500)] = 7
    """Every point is kept for so many days,"""
    history_hourly_days: Annotated[int, Field(ge=1, le=36500)] = changeable(90)
    """then one an hour up to this age,"""
    history_days: Annotated[int, Field(ge=1, le=36500)] = changeable(400)
    """then one a day up to this age."""
    influxdb_url: WebAddress | None = None
    """InfluxDB 2 or VictoriaMetrics; unset: SQLite in DATA_DIR/history.sqlite3."""
    influxdb_token: SecretStr | None = secret()
    """The token that may read and write the buckets."""
    influxdb_org: str = "printers"
    """The organization that owns the bucket."""
    influxdb_bucket: str = "printers"
    """The bucket that points are written to; sums of days go to the one with `_daily` after its name."""
    influxdb_confirm_seconds: Annotated[float, Field(ge=0, le=86400)] = 60.0
    """Accepted points are written once more after this time, then forgotten: a 204 is not yet durable."""


Block = TypeVar("Block", bound=Settings)
Blocks = TypeVar("Blocks")


def load(block: type[Block]) -> Block:
    """Read one block; a value that cannot be used is one sentence that names its variable."""
    try:
        return block()
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None
    except UnreadableSettings as error:  # JSON that cannot be parsed; the text itself may be a secret
        field = str(error).split('"')[1].upper()
        raise SettingsError(f"{field}: JSON is wanted. {_correct_it()}") from None


def load_blocks(wanted: type[Blocks]) -> Blocks:
    """Read the blocks that a dataclass is made of; its other fields have their defaults.

    Raises SettingsError for the first block that cannot be used.
    """
    kinds = get_type_hints(wanted).items()
    return wanted(**{name: load(kind) for name, kind in kinds if issubclass(kind, Settings)})


def _sentence(error: ValidationError) -> str:
    wrong = [": ".join(filter(None, (_place(e["loc"]), fault(e)))) for e in error.errors()]
    return f"{'; '.join(wrong)}. {_correct_it()}"


def _place(location: tuple[int | str, ...]) -> str:
    """Return where a fault is: SNMP_PROFILES.library.user; "" where it concerns several settings."""
    name, *within = map(str, location or ("",))
    return ".".join((name.upper(), *within))


def _correct_it() -> str:
    return f"Correct it in the environment or in {env_file()}."

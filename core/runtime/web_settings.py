"""The settings of the web side: what the dashboard answers to, who may sign in, how links are made."""

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, SecretStr, model_validator

from core.contract.errors import SettingsError
from core.domain.addresses import host_and_port
from core.domain.logos import Logo, parse_logo
from core.runtime.secret_files import secret
from core.runtime.setting_types import (
    Contradiction,
    HostName,
    ListenAddress,
    LogoText,
    MailBackend,
    Networks,
    RoleName,
    RoleNameOrEmpty,
    WebAddress,
    ZoneName,
    changeable,
    needs,
)
from core.runtime.settings import Settings

_SHORTEST_KEY: Final = 16


def _long_enough(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value().strip()) < _SHORTEST_KEY:
        raise ValueError(
            f"has fewer than {_SHORTEST_KEY} characters, which can be guessed: set a longer one, or "
            "remove it to have one made"
        )
    return key


SigningKey = Annotated[SecretStr, AfterValidator(_long_enough)]
OrganizationNames = Annotated[str, Field(max_length=200)]

_EVERYWHERE: Final = ("0.0.0.0", "[::]", "")  # noqa: S104 (recognized, not listened on)


class WebSettings(Settings):
    """Settings of the dashboard and of links into it."""

    data_dir: Path = Path("data")
    secret_key: SigningKey | None = secret()
    """Signs cookies and links, 16 characters or more; made and kept in DATA_DIR when unset."""
    secret_key_previous: SigningKey | None = secret()
    """The SECRET_KEY before: links signed by it stay valid; see `printers rotate-secret-key`."""
    allowed_hosts: str = "localhost,127.0.0.1,[::1]"
    """Comma list of the host names the dashboard answers to; `*` for any."""

    def signing_key(self) -> bytes:
        """Return SECRET_KEY, or the key in DATA_DIR/secret_key (made on first use, its owner's alone)."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        path = self.kept_key
        try:
            if not path.exists():
                make_key(path)
            return _kept(path)
        except OSError as error:
            raise SettingsError(f"{path} cannot be used ({error.strerror}): may you write there?") from error

    def previous_key(self) -> bytes | None:
        """Return SECRET_KEY_PREVIOUS, or the key kept beside its successor; None where there is none."""
        if self.secret_key_previous is not None:
            return self.secret_key_previous.get_secret_value().encode()
        path = self.kept_previous_key
        if self.secret_key is not None:
            return None
        try:
            return _kept(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SettingsError(f"{path} cannot be read ({error.strerror}): may you read it?") from error

    def link_keys(self) -> tuple[bytes, ...]:
        """Return the keys that links in mails may be signed with: the present one and the one before."""
        previous = self.previous_key()
        return (self.signing_key(),) if previous is None else (self.signing_key(), previous)

    @property
    def kept_key(self) -> Path:
        """Where the key is kept that is made when SECRET_KEY is unset."""
        return self.data_dir / "secret_key"

    @property
    def kept_previous_key(self) -> Path:
        """Where the one before it is kept."""
        return self.data_dir / "secret_key.previous"


def make_key(path: Path) -> None:
    """Make a key and keep it in a file, unless that is there already.

    Whole or not at all: a file that is there before its key would be a key that everybody knows.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another service was first: its key is everybody's
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _kept(path: Path) -> bytes:
    try:
        return _long_enough(SecretStr(path.read_text("utf-8"))).get_secret_value().encode()
    except UnicodeDecodeError:
        raise SettingsError(
            f"{path} is damaged: put back a saved one, or remove it to have one made."
        ) from None
    except ValueError as short:
        raise SettingsError(f"{path} {short}.") from None


class DashboardSettings(Settings):
    """The dashboard: where it listens, who may see it."""

    dashboard_listen: ListenAddress = "127.0.0.1:8501"
    """Address and port it listens on."""
    dashboard_url: WebAddress = "http://127.0.0.1:8501"
    """How people reach it: the beginning of every link in mails and on labels; unset: where it listens."""
    portal_public: bool = False
    """Whoever is not signed in sees the portal (without addresses) and may report a problem."""
    portal_networks: Networks = ""
    """Networks from which alone they do (10.0.0.0/8, 2001:db8::/32); empty: from everywhere."""
    session_idle_hours: Annotated[float, Field(gt=0, le=720)] = 8.0
    """A session nobody uses ends after this time,"""
    session_days: Annotated[float, Field(gt=0, le=365)] = 30.0
    """and any session after this."""
    pages_per_address: Annotated[int, Field(ge=1, le=100_000)] = 200
    """Pages that may be open at once from one address (of IPv6: one /64), as of an office behind one."""
    admin_second_factor: bool = False
    """Admins who sign in with a password must have two-factor authentication: a code from an app."""
    trusted_proxies: Networks = ""
    """Comma list of addresses or networks of reverse proxies whose X-Forwarded-* headers are believed."""
    trusted_user_header: str = ""
    """A header in which such a proxy names who is signed in (Remote-User); empty: none is believed."""
    trusted_groups_header: str = ""
    """A header in which it lists their groups, by commas (Remote-Groups); OIDC_ROLES says what they mean."""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield headers that would never be believed, and networks to which nothing is open."""
        yield from needs(self, "portal_networks", "portal_public")
        yield from needs(self, "trusted_user_header", "trusted_proxies")
        yield from needs(self, "trusted_groups_header", "trusted_user_header")

    @model_validator(mode="before")
    @classmethod
    def _reached_where_it_listens(cls, values: dict[str, Any]) -> dict[str, Any]:
        listen = values.get("dashboard_listen")
        if not listen or values.get("dashboard_url"):
            return values
        host, _, port = str(listen).rpartition(":")
        here = "127.0.0.1" if host in _EVERYWHERE else host
        return {**values, "dashboard_url": f"http://{here}:{port}"}

    @property
    def listen_address(self) -> tuple[str, int]:
        """Host and port of DASHBOARD_LISTEN."""
        return host_and_port(self.dashboard_listen)


class SignOnSettings(Settings):
    """Single sign-on by OpenID Connect; OIDC_ISSUER unset: local accounts alone."""

    oidc_issuer: str | None = None
    """https://login.example.org/realms/college: where /.well-known/openid-configuration is found."""
    oidc_client_id: str | None = None
    """Our name at the provider."""
    oidc_client_secret: SecretStr | None = secret()
    """Our secret there."""
    oidc_label: str = "single sign-on"
    """What the button on the login page says after `Sign in with`."""
    oidc_role_claim: str = "groups"
    """The claim that lists a person's groups or roles; a dotted path (realm_access.roles) leads into it."""
    oidc_roles: dict[str, RoleName] = Field(default={})
    """JSON: {"it-staff": "technician", "it-lead": "manager"}; the highest match counts."""
    oidc_default_role: RoleNameOrEmpty = ""
    """The role of who matches none: technician, or empty: refused."""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield a provider to which we have no name."""
        yield from needs(self, "oidc_issuer", "oidc_client_id")


class OrganizationSettings(Settings):
    """Settings of the organization that the printers belong to, as pages and mails show it."""

    organization: OrganizationNames = changeable("")
    """Its names, by commas (Hartwell College, HC): the first is shown, no password may be made of any."""
    organization_logo: LogoText = changeable("")
    """A PNG or JPEG picture as data:image/png;base64,..., at most 200 kB; easier put on the page Settings."""
    dashboard_theme: Literal["system", "light", "dark"] = changeable("system")
    """The theme of pages: system (as the device of who looks is set), light or dark."""

    @property
    def organization_name(self) -> str:
        """What it is called on pages and in mails; "" where nobody has said."""
        return self.organization.partition(",")[0].strip()

    @property
    def logo(self) -> Logo | None:
        """The picture; None where there is none."""
        return parse_logo(self.organization_logo)


class AccountSettings(Settings):
    """Accounts with a password."""

    organization: OrganizationNames = changeable("")
    """Its names, by commas (Hartwell College, HC): the first is shown, no password may be made of any."""
    default_from_email: str = "printers@localhost"
    """Who mails are from: an address, or Name <address>."""
    email_backend: MailBackend = "smtp"
    """smtp, console or file; Django's dotted names are understood."""
    email_host: HostName = "localhost"
    """The mail server."""
    time_zone: ZoneName = changeable("UTC")
    """The zone of every time that people see in mails."""

    @property
    def sends_mail(self) -> bool:
        """Whether somebody has said how mail leaves, so that a link can be sent by it.

        Printed to the console it would be read in a log.
        """
        named = "email_host" in self.model_fields_set
        return self.email_backend == "file" or (self.email_backend == "smtp" and named)

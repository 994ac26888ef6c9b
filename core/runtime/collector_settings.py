"""Settings of the collector beside asking printers: hearing them, and looking for new ones."""

from typing import Annotated

from pydantic import Field, SecretStr

from core.runtime.secret_files import secret
from core.runtime.setting_types import Networks
from core.runtime.settings import Port, Settings


class TrapSettings(Settings):
    """Traps and informs: a printer that sends one is read at once. TRAP_PORT unset: none are listened to."""

    trap_port: Port | None = None
    """UDP port to listen at; 162 is the usual one, and needs a right of its own on Linux."""
    trap_listen: Annotated[str, Field(pattern=r"^[0-9a-fA-F.:]+$")] = "0.0.0.0"  # noqa: S104 (printers are elsewhere)
    """Address to listen at; `::` for IPv6 as well."""
    trap_community: SecretStr = secret(SecretStr("public"))
    """A community that v1 and v2c traps may have beside those that printers are asked with."""


class DiscoverySettings(Settings):
    """Looking for printers in networks."""

    discover_networks: Networks = ""
    """Networks swept when asked over MQTT; unset: private ones, our own, and around known printers."""

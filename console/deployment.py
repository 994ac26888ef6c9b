"""`printers secrets`: passwords for a deployment, and what a broker of one's own must know of them."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import TypeAdapter, ValidationError

from console.broker.access import HOME_ASSISTANT, SITE_USER, USERS, BrokerDeployment, grants
from console.broker.credentials import make_credentials, read_credentials
from console.broker.mosquitto import access_list, password_line
from console.terminal import make_console, plain
from core.contract.errors import EXIT_OK, UserError
from core.contract.values import SiteName
from core.domain.units import counted
from core.runtime.settings import CommonSettings, MqttSettings, load

_OTHERS: Final = ("postgres_password", "influxdb_password", "influxdb_token", "secret_key")
_LOOPBACK: Final = "127.0.0.1"
_OF_BROKER: Final = "mqtt_"
_SITE: Final = TypeAdapter(SiteName)


def make_secrets(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="Where to write them; without it: the broker of `printers up`."),
    ] = None,
    site: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Make a broker user for the collector of this site (repeatable)."),
    ] = None,
) -> int:
    """Make the passwords of a deployment, one file each, for docker-compose.yml and NAME_FILE settings.

    What is there already is kept, so that it can be called again. The broker's password file and access
    list are written anew each time, with the topics of MQTT_TOPIC_PREFIX, and
    with a user for each site that was ever named: delete mqtt_collector-NAME to withdraw its right. The
    folder is its owner's alone; its files are readable, because containers read them as users of their own.

    Without DIR the user of a --site is made at the broker that `printers up` runs, and its password printed.

    Example: [bold]printers secrets deploy/secrets --site library[/bold]
    """
    sites = [_site(name) for name in site or ()]
    if folder is None:
        return _add_to_embedded_broker(sites)
    try:
        made, kept = _write_secrets(folder, sites)
    except OSError as error:
        raise UserError(f"{folder} cannot be written ({error.strerror}): may you write there?") from error
    console = make_console(stderr=True)
    console.print(f"{counted(made, 'password')} made, {kept} kept in {plain(folder)}.")
    for name in sites:
        user = f"{SITE_USER}{name}"
        console.print(
            f"Site {name}: SITE={name}, MQTT_USERNAME={user}, its password is in "
            f"{plain(folder / f'{_OF_BROKER}{user}')}. Give the broker its new files, and start it again."
        )
    return EXIT_OK


def _write_secrets(folder: Path, sites: Sequence[str]) -> tuple[int, int]:
    """Make the missing passwords, and what follows from all; returns how many were made and kept."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    names = _names(folder, sites)
    made = [name for name in names if _make(folder / name)]
    passwords = {name: (folder / name).read_text(encoding="utf-8").strip() for name in names}
    for name, text in _derived(passwords).items():
        _write(folder / name, text)
    return len(made), len(passwords) - len(made)


def _add_to_embedded_broker(sites: Sequence[str]) -> int:
    """Make users for these sites' collectors at the broker that `printers up` runs."""
    if not sites:
        raise UserError("name a folder for the passwords, or a --site for the broker of `printers up`.")
    data_dir = load(CommonSettings).data_dir
    kept = read_credentials(data_dir)
    host, port = (kept.host, kept.port) if kept else (_LOOPBACK, load(MqttSettings).mqtt_port)
    made = make_credentials(data_dir, host, port, [f"{SITE_USER}{name}" for name in sites])
    for name in sites:
        user = f"{SITE_USER}{name}"
        print(f"SITE={name}\nMQTT_USERNAME={user}\nMQTT_PASSWORD={made.passwords[user]}")
    make_console(stderr=True).print(
        "The broker knows them when `printers up` is started again; other machines reach it with --listen."
    )
    return EXIT_OK


def _site(name: str) -> str:
    try:
        return _SITE.validate_python(name)
    except ValidationError:
        raise UserError(
            f"--site {name!r} is not a name of a site: "
            "it has lowercase letters, digits, '.', '_' and '-', at most 64."
        ) from None


def _names(folder: Path, sites: Sequence[str]) -> list[str]:
    """Return the file names of all passwords; of sites those named now, and those of earlier calls."""
    start = f"{_OF_BROKER}{SITE_USER}"
    earlier = [path.name.removeprefix(start) for path in folder.glob(f"{start}*")]
    users = [*USERS, HOME_ASSISTANT, *(f"{SITE_USER}{site}" for site in sorted({*sites, *earlier}))]
    return [*(f"{_OF_BROKER}{user}" for user in users), *_OTHERS]


def _make(path: Path) -> bool:
    if path.exists():
        return False
    _write(path, secrets.token_urlsafe(32))
    return True


def _derived(kept: Mapping[str, str]) -> dict[str, str]:
    passwords = {
        name.removeprefix(_OF_BROKER): text for name, text in kept.items() if name.startswith(_OF_BROKER)
    }
    # Home Assistant's grants are ready for the day when discovery is switched on.
    allowed = grants(BrokerDeployment.of_settings(passwords, announces=True))
    return {
        "mosquitto_passwords": "\n".join(password_line(user, text) for user, text in passwords.items()),
        "mosquitto_acl": access_list(allowed),
        "database_url": f"postgresql://printers:{kept['postgres_password']}@postgres/printers",
    }


def _write(path: Path, text: str) -> None:
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    path.chmod(0o644)

"""`rotate-secret-key`: another SECRET_KEY, without anybody losing two-factor authentication or a link."""

import shutil
from pathlib import Path

from console.database import open_to_read
from console.lock import DataDirLock
from console.running import refuse_while_running
from console.terminal import make_console, plain
from core.contract.errors import EXIT_FAILED, EXIT_OK, SettingsError, UserError
from core.domain.units import counted
from core.runtime.settings import load
from core.runtime.wall_clock import utc_now
from core.runtime.web_settings import WebSettings, make_key
from core.storage.audit import COMMAND_LINE
from core.storage.database import reading, writing
from core.storage.second_factors import Rekeyed, encrypt_anew


def rotate_secret_key() -> int:
    """Change over to another SECRET_KEY; stop the services first.

    Where SECRET_KEY is unset, a new key is made in DATA_DIR. Where it is a setting, set the new one, and the
    one before as SECRET_KEY_PREVIOUS, then call this. Secrets of authenticator apps are encrypted under the
    new key. Nobody is signed out. Links in mails that were sent stay valid for as long as the key before is
    kept: remove it at once where it has leaked. Can be called again where it was interrupted.

    Example: [bold]printers rotate-secret-key[/bold]
    """
    settings = load(WebSettings)
    with DataDirLock(settings.data_dir, "printers rotate-secret-key"):
        done = _to_given_key(settings) if settings.secret_key is not None else _to_new_key(settings)
    console = make_console()
    of = counted(done.changed, "account")
    console.print(
        f"Two-factor authentication of {of} encrypted anew. Start the services again.", soft_wrap=True
    )
    before = "SECRET_KEY_PREVIOUS"
    if settings.secret_key_previous is None:
        before = str(settings.kept_previous_key)
    console.print(
        f"Links in mails that were sent are valid until {plain(before)} is removed: at once where the key "
        "before has leaked, else when nobody needs them any more.",
        soft_wrap=True,
    )
    for name in done.unreadable:
        console.print(
            f"[yellow]The two-factor authentication of {plain(name)} was set up under a third key and cannot "
            f"be read: `printers users reset-second-factor {plain(name)}`.[/yellow]",
            soft_wrap=True,
        )
    return EXIT_FAILED if done.unreadable else EXIT_OK


def _to_given_key(settings: WebSettings) -> Rekeyed:
    """Encrypt anew from SECRET_KEY_PREVIOUS to SECRET_KEY."""
    new, old = settings.signing_key(), settings.previous_key()
    if old is None or old == new:
        raise UserError(
            "SECRET_KEY is a setting: set the new one, and the one before as SECRET_KEY_PREVIOUS or "
            "SECRET_KEY_PREVIOUS_FILE, then call this again."
        )
    return _encrypt_anew(old, new)


def _to_new_key(settings: WebSettings) -> Rekeyed:
    """Encrypt anew from the key in DATA_DIR to a new one, which replaces it once the database is done."""
    kept = settings.kept_key
    if not kept.is_file():
        raise UserError(
            f"there is no key in {kept} yet, and SECRET_KEY is unset: there is nothing to change."
        )
    fresh = kept.with_name(f"{kept.name}.next")
    old = settings.signing_key()
    try:
        if not fresh.exists():  # else it was interrupted, and the database may have gone over already
            make_key(fresh)
        done = _encrypt_anew(old, fresh.read_bytes())
        _replace(kept, settings.kept_previous_key, fresh)
    except OSError as error:
        raise SettingsError(f"{kept} cannot be replaced ({error.strerror}): may you write there?") from error
    return done


def _replace(kept: Path, previous: Path, fresh: Path) -> None:
    copy = previous.with_name(f"{previous.name}.partial")
    shutil.copy(kept, copy)
    copy.replace(previous)
    fresh.replace(kept)


def _encrypt_anew(old: bytes, new: bytes) -> Rekeyed:
    now = utc_now()
    engine = open_to_read()
    with reading(engine) as connection:
        refuse_while_running(connection, now)
    with writing(engine) as connection:
        return encrypt_anew(connection, old, new, actor=COMMAND_LINE, now=now)

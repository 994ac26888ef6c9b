"""The second factor: time-based one-time passwords (RFC 6238) and recovery codes. No I/O.

The secret of an authenticator app has to be readable for us, so it is stored encrypted under a key derived
from SECRET_KEY. Recovery codes are random and only compared: their SHA-256 is stored.
"""

import base64
import hashlib
import re
import secrets
from datetime import datetime
from typing import Final

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken

from core.contract.errors import UserError

RECOVERY_CODES: Final = 10
ISSUER: Final = "Printers"
_STEP_SECONDS: Final = 30
_DRIFT_STEPS: Final = 1
"""A code of the step before or after is taken: clocks differ and people type slowly (RFC 6238 5.2)."""
_CODE: Final = re.compile(r"[0-9]{6}")
_RECOVERY_BYTES: Final = 10
_RECOVERY_LENGTH: Final = 16
_NOT_BASE32: Final = re.compile(r"[^A-Z2-7]")


class UnreadableSecret(UserError):
    """The stored secret cannot be decrypted: SECRET_KEY is not the one it was encrypted under."""


def make_secret() -> str:
    """Return a new secret for an authenticator app, in base32 (160 bits)."""
    return pyotp.random_base32()


def encrypt(secret: str, key: bytes) -> str:
    """Return what is stored of a secret; `key` is WebSettings.signing_key()."""
    return _cipher(key).encrypt(secret.encode()).decode()


def decrypt(stored: str, key: bytes) -> str:
    """Return the secret of what is stored. Raises UnreadableSecret."""
    try:
        return _cipher(key).decrypt(stored.encode()).decode()
    except InvalidToken:
        raise UnreadableSecret(
            "The two-factor authentication of this account cannot be read: SECRET_KEY was changed since it "
            "was set up. Use a recovery code, or ask an administrator: `printers rotate-secret-key` mends it."
        ) from None


def matching_step(secret: str, code: str, now: datetime, after: int) -> int | None:
    """Return the time step of a code; None where it is wrong, too old or not later than step `after`."""
    digits = re.sub(r"\s", "", code)
    if not _CODE.fullmatch(digits):
        return None
    generator = pyotp.TOTP(secret, interval=_STEP_SECONDS)
    current = int(now.timestamp()) // _STEP_SECONDS
    for step in range(current - _DRIFT_STEPS, current + _DRIFT_STEPS + 1):
        expected = generator.at(step * _STEP_SECONDS)
        if secrets.compare_digest(expected, digits) and step > after:
            return step
    return None


def setup_address(secret: str, name: str, where: str) -> str:
    """Return the otpauth:// address that authenticator apps read; `where` is the host of the dashboard."""
    issuer = f"{ISSUER} ({where})" if where else ISSUER
    return pyotp.TOTP(secret, interval=_STEP_SECONDS).provisioning_uri(name=name, issuer_name=issuer)


def setup_picture(address: str) -> str:
    """Return the address as a QR code, dark on white with its quiet zone: a data: URI of an SVG picture."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=4, light="#fff"))


def make_recovery_codes() -> tuple[str, ...]:
    """Return new recovery codes, as people write them down: ABCD-EFGH-IJKL-MNOP."""
    return tuple(_recovery_code() for _ in range(RECOVERY_CODES))


def hash_recovery_code(code: str) -> str:
    """Return what is stored of a recovery code, however it was typed; "" where it can be none."""
    bare = _NOT_BASE32.sub("", code.upper().replace("0", "O").replace("1", "I"))
    return hashlib.sha256(bare.encode()).hexdigest() if len(bare) == _RECOVERY_LENGTH else ""


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode()
    return "-".join(text[begin : begin + 4] for begin in range(0, _RECOVERY_LENGTH, 4))


def _cipher(key: bytes) -> Fernet:
    # Derived: what is encrypted for one purpose is nothing for another.
    derived = hashlib.sha256(b"second factor:" + key).digest()
    return Fernet(base64.urlsafe_b64encode(derived))

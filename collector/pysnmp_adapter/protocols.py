"""SNMPv3 users in pysnmp's terms: protocols, and the secrets of a credential profile."""

from typing import Any, Final

from pysnmp.hlapi.v3arch.asyncio import auth

from core.runtime.settings import CredentialProfile

AUTH: Final = {
    "MD5": auth.USM_AUTH_HMAC96_MD5,
    "SHA": auth.USM_AUTH_HMAC96_SHA,
    "SHA224": auth.USM_AUTH_HMAC128_SHA224,
    "SHA256": auth.USM_AUTH_HMAC192_SHA256,
    "SHA384": auth.USM_AUTH_HMAC256_SHA384,
    "SHA512": auth.USM_AUTH_HMAC384_SHA512,
}
# AES of 192 and 256 bits was never standardised; these names mean what they mean to Net-SNMP.
PRIVACY: Final = {
    "DES": auth.USM_PRIV_CBC56_DES,
    "AES": auth.USM_PRIV_CFB128_AES,
    "AES192": auth.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "AES256": auth.USM_PRIV_CFB256_AES_BLUMENTHAL,
}


def secrets_of(profile: CredentialProfile) -> dict[str, Any]:
    """Return protocols and passwords of a version 3 profile, by pysnmp's names."""
    secrets: dict[str, Any] = {}
    if profile.auth_protocol and profile.auth_password:
        secrets["authProtocol"] = AUTH[profile.auth_protocol]
        secrets["authKey"] = profile.auth_password.get_secret_value()
    if profile.priv_protocol and profile.priv_password:
        secrets["privProtocol"] = PRIVACY[profile.priv_protocol]
        secrets["privKey"] = profile.priv_password.get_secret_value()
    return secrets

"""The header fields of a request, read in one place, so that all readers see the same value of each."""

from collections.abc import Iterable
from typing import Final

from starlette.types import Scope


class RequestHeaders:
    """The header fields of an ASGI scope, by lower-case name.

    A client may send a field twice, and a proxy that appends its own to what the client sent makes one of
    it. Which of the two counts would then depend on who reads: what says who asks must be there once
    (`repeated`), what proxies list is read as one list (`listed`).
    """

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._values: Final[dict[str, list[str]]] = {}
        for name, value in raw:
            self._values.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))

    @classmethod
    def of(cls, scope: Scope) -> "RequestHeaders":
        """Return those of an HTTP or websocket scope."""
        return cls(scope["headers"])

    def one(self, name: str) -> str:
        """Return a field's value; "" where there is none. Of several, the last: see `repeated`."""
        return self._values.get(name.lower(), [""])[-1]

    def listed(self, name: str, separator: str = ", ") -> str:
        """Return all values of a field as one list (RFC 9110 5.3); "" where there is none."""
        return separator.join(self._values.get(name.lower(), ()))

    def repeated(self, names: Iterable[str]) -> str:
        """Return the first of these fields that is given more than once; "" where none is."""
        return next((name for name in names if len(self._values.get(name.lower(), ())) > 1), "")

"""`python -m core.runtime.healthy URL [LINE]`: whether a page is there and has a line; for health checks."""

import sys
import urllib.request
from typing import Final

from core.contract.errors import EXIT_FAILED, EXIT_OK, EXIT_USAGE

_TIMEOUT_SECONDS: Final = 5


def main(arguments: list[str]) -> int:
    """Return the exit code says it, one line why not."""
    if not 1 <= len(arguments) <= 2 or not arguments[0].startswith(("http://", "https://")):  # noqa: PLR2004 (see usage)
        sys.stderr.write("usage: python -m core.runtime.healthy URL [LINE]\n")
        return EXIT_USAGE
    url, *lines = arguments
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 (checked above)
            found = answer.read().decode("utf-8", "replace").splitlines()
    except OSError as error:
        sys.stderr.write(f"{url}: {error}\n")
        return EXIT_FAILED
    if missing := [line for line in lines if line not in found]:
        sys.stderr.write(f"{url} does not say {missing[0]!r}\n")
        return EXIT_FAILED
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

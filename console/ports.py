"""The TCP ports of this machine: is one free?"""

import errno
import os
import socket
from typing import Final

_TIMEOUT_SECONDS: Final = 1.0


def try_to_listen(host: str, port: int) -> None:
    """Raise OSError where no server of ours could listen there: EADDRINUSE where another program does."""
    with socket.socket(_family(host)) as anywhere:  # first: another machine may serve that port there
        anywhere.bind((host, 0))
    with socket.socket(_family(host)) as caller:  # macOS lets two programs bind one port, one of them on all
        caller.settimeout(_TIMEOUT_SECONDS)
        if caller.connect_ex((host, port)) == 0:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    with socket.socket(_family(host)) as listener:
        if os.name == "posix":  # a server that has just ended leaves connections in TIME_WAIT behind
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port nobody listens on at the moment."""
    with socket.socket(_family(host)) as listener:
        listener.bind((host, 0))
        return int(listener.getsockname()[1])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET

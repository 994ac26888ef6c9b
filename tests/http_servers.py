"""HTTP servers of Python's own, answering in a thread while a test needs them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer
from typing import Final

_LOOK_SECONDS: Final = 0.01
"""How often a server looks whether it is to end: left alone, half a second, which each test would wait."""


@contextmanager
def answering(server: HTTPServer) -> Iterator[None]:
    """Have a server answer until the end of the block, which closes it."""
    thread = threading.Thread(target=server.serve_forever, args=(_LOOK_SECONDS,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""The threads of a service share one heap."""

import subprocess
import sys

import pytest

CHILD = """
import ctypes, sys, threading
from core.runtime.heap import keep_one_heap
if sys.argv[1] == "one":
    keep_one_heap()
ready = threading.Barrier(5)
def work():
    held = bytes(100_000)
    ready.wait()
    ready.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
ready.wait()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
ready.wait()
"""


def heaps(kind: str) -> int:
    done = subprocess.run([sys.executable, "-c", CHILD, kind], capture_output=True, text=True, check=True)
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(
    sys.platform != "linux" or "gnu" not in (sys.implementation._multiarch or ""), reason="glibc alone has it"
)
def test_the_threads_of_a_service_share_one_heap() -> None:
    assert heaps("many") > 1
    assert heaps("one") == 1

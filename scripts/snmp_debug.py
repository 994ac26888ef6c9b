"""Ask one printer now: `python3 scripts/snmp_debug.py HOST [--raw | --json]` is `printers poll HOST ...`."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    run = Path(__file__).resolve().with_name("run.py")
    sys.argv = [str(run), "poll", *(sys.argv[1:] or ["--help"])]
    runpy.run_path(str(run), run_name="__main__")

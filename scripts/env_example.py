"""Write .env.example anew from the settings."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.runtime.settings_doc import env_example  # noqa: E402 (the project's folder comes first)

if __name__ == "__main__":
    (ROOT / ".env.example").write_text(env_example(), encoding="utf-8", newline="\n")

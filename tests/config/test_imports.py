"""What costs time at the start stays away until it is needed."""

import subprocess
import sys

HEAVY = ("tomli_w", "keyring", "subprocess", "tempfile", "zoneinfo", "httpx", "textual", "asyncio", "difflib")


def test_a_fresh_interpreter_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from voipe_tui.config import paths, profiles, secrets, settings\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""What costs time at the start stays away until it is needed."""

import subprocess
import sys

MODULES = ("bidi", "gateway_fold", "moments", "numbers", "parts", "search_fold", "senders", "untrusted")
HEAVY = ("phonenumbers", "bidi", "httpx", "textual", "asyncio", "zoneinfo")


def test_a_fresh_interpreter_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        + "".join(f"import voipe_tui.text.{module}\n" for module in MODULES)
        + "from voipe_tui.text.numbers import e164\n"
        + "assert e164('052-111-2223') == '+972521112223'\n"
        + f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

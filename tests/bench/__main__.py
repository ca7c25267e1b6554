"""All figures of the program, or some: ``python -m tests.bench [NAME …]``; ``python -m tests.bench NAME ROUNDS`` for
another number of turns. Each prints a table with the goal beside every figure, and what it is compared with was
measured in the same run, turn by turn. The first run writes a million messages and keeps them for the next one.
"""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = {
    "startup": "first glyph, first key answered, memory, quit",
    "keys": "from key to paint in list, conversation and search; bytes per key",
    "changes": "one status change, an idle minute",
    "compose": "from a keystroke to the updated meter in a text of 1,500 characters",
    "store": "pages, searches and triage in the store alone, at a thousand and at a million messages",
    "busy": "keys while 10,000 messages come in; search as one types; triage of 10,000",
}


def main(arguments: list[str]) -> int:
    names = [name for name in arguments if not name.isdecimal()]
    numbers = [int(number) for number in arguments if number.isdecimal()]
    if unknown := [name for name in names if name not in NAMES]:
        listed = "\n".join(f"  {name:10} {what}" for name, what in NAMES.items())
        print(
            f"There is no {', '.join(unknown)}. There are:\n{listed}\nand on their own: tests.bench.sync",
            file=sys.stderr,
        )
        return 2
    for name in names or NAMES:
        import_module(f"tests.bench.{name}").main(*numbers)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

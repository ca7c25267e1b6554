"""``python -m voipe_tui``: the same as the console script."""

import sys

from voipe_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""``python -m attend_ml`` is the command line."""

import sys

from attend_ml.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""Run the command by ``python -m skcrowd``."""

import sys

from skcrowd.command import main

sys.exit(main())

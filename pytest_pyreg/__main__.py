"""`python -m pytest_pyreg` is the command `pyreg`."""

from __future__ import annotations

import sys

from pytest_pyreg.cli import main

sys.exit(main())

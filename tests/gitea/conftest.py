"""Lets the modules of these tests import each other as `tests.gitea.*`, under pytest before 8.1 too."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent

for _name, _folder in (("tests", HERE.parent), ("tests.gitea", HERE)):
    _module = sys.modules.setdefault(_name, ModuleType(_name))
    if not hasattr(_module, "__path__"):
        _module.__path__ = [str(_folder)]

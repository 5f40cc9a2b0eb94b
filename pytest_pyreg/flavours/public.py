"""The host names of the public index: facts that its imitators' answers hold, never places to go to."""

from __future__ import annotations

FILES = "files.pythonhosted.org"
"""Where its files are."""

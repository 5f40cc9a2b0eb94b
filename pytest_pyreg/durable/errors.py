"""What can be wrong with a registry's folder."""

from __future__ import annotations


class NotUsable(Exception):
    """A folder cannot be a registry's, or not now, or not of this version; the message says why, and what to try."""


class NotKept(Exception):
    """Something could not be written; the message says why."""

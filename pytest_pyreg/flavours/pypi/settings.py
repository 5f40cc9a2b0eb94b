"""What administrators of the index can turn, and how it answers on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pytest_pyreg.settings import Configured

MEGABYTE, GIGABYTE = 1024**2, 1024**3


@dataclass
class Settings(Configured):
    """The switches and limits of the index; warehouse/admin/flags.py and warehouse/constants.py, @6b621571."""

    LEAST = 0
    CHOICES: ClassVar = {"reason": ("way", ("", "canonical", "message"))}

    read_only: bool = False
    disallow_new_upload: bool = False
    disallow_new_project_registration: bool = False
    disable_pep740: bool = False
    """Whether attestations are ignored."""
    max_file_bytes: int = 100 * MEGABYTE
    max_total_bytes: int = 10 * GIGABYTE
    new_projects_per_ip: int = 40
    """In an hour."""
    new_projects_per_user: int = 20
    """In an hour."""
    reason: str = ""
    """`canonical` or `message`: what stands beside the status number; the release's own way if empty."""
    pep658: bool = True
    """Whether wheels' metadata can be had by itself; off shows what clients do without."""
    json: bool = True
    """Whether simple pages are given as JSON; off shows what clients make of HTML alone."""

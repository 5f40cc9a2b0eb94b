"""One upload on its way through the index's checks, with what is known of it so far."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

from pytest_pyreg.flavours.pypi.people import Caller
from pytest_pyreg.flavours.pypi.told import world_of
from pytest_pyreg.flavours.pypi.versions import canonical

if TYPE_CHECKING:
    from pytest_pyreg.flavours.pypi.core_metadata import Core
    from pytest_pyreg.flavours.pypi.distribution import Accepted, Sent
    from pytest_pyreg.flavours.pypi.form import Fields
    from pytest_pyreg.flavours.pypi.people import Project
    from pytest_pyreg.flavours.pypi.world import PyPIWorld
    from pytest_pyreg.forms import SentFile
    from pytest_pyreg.model import Release
    from pytest_pyreg.visit import Visit

_BLOCK = 1024 * 1024


@dataclass
class Attempt:
    """What an upload is found to be, check by check."""

    visit: Visit
    fields: Fields = field(init=False)
    core: Core = field(init=False)
    file: SentFile = field(init=False)
    project: Project = field(init=False)
    new: bool = False
    """Whether the project begins with this upload: it is only registered once all is well."""
    sent: Sent = field(init=False)
    accepted: Accepted = field(init=False)
    provenance: str = ""

    @property
    def world(self) -> PyPIWorld:
        """The index's people and projects."""
        return world_of(self.visit)

    @property
    def caller(self) -> Caller:
        """Who uploads, once that is known."""
        identity = self.visit.identity
        assert isinstance(identity, Caller), "this is asked after the credential"
        return identity

    @cached_property
    def release(self) -> Release | None:
        """The release that the file belongs to, if it is there already."""
        page = self.visit.index.page([self.world.home], self.project.normalized)
        version = canonical(str(self.core.version))
        return next((one for one in page.releases if one.key[1] == version), None) if page is not None else None

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The digests of the bytes that arrived, in hex."""
        with self.file.arrived.open() as content:
            return {"sha256": self.file.arrived.digest, **weaker(content)}


def weaker(content: BinaryIO) -> dict[str, str]:
    """Return the digests that are kept besides the sha256; files are found by them, and they protect nothing."""
    md5, blake2 = hashlib.md5(usedforsecurity=False), hashlib.blake2b(digest_size=32)
    while block := content.read(_BLOCK):
        md5.update(block)
        blake2.update(block)
    return {"md5": md5.hexdigest(), "blake2_256": blake2.hexdigest()}


def beside(metadata: bytes) -> dict[str, str]:
    """Return what is kept of a wheel's metadata, to be had beside it (PEP 658)."""
    return {
        "metadata": metadata.decode("utf-8", "surrogateescape"),
        "metadata_sha256": hashlib.sha256(metadata).hexdigest(),
    }

"""Distributions before they are packed: what the makers of misfits take apart and put together again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from pytest_pyreg.dists.archives import tarred, zipped
from pytest_pyreg.dists.content import parts
from pytest_pyreg.dists.making import Dist, record, sdist_members, wheel_members
from pytest_pyreg.dists.naming import PURE

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Unpack

    from pytest_pyreg.dists.content import Content

Kind: TypeAlias = Literal["wheel", "sdist"]


@dataclass
class Draft:
    """A wheel or an sdist that is right until somebody changes it."""

    kind: Kind
    project: str
    version: str
    filename: str
    top: str
    """The folder of a wheel's metadata, or the one that holds all of an sdist."""
    metadata: bytes
    """What an uploading client is to read, whatever becomes of the file that it stands in."""
    members: dict[str, bytes]
    """All that is in it, but for a wheel's RECORD."""

    @property
    def core(self) -> str:
        """Where the core metadata stands."""
        return f"{self.top}/{'METADATA' if self.kind == 'wheel' else 'PKG-INFO'}"

    def rewrite(self, metadata: bytes) -> None:
        """Change the core metadata."""
        self.metadata = self.members[self.core] = metadata

    def rename_top(self, top: str) -> None:
        """Give the folder another name."""
        self.members = {
            top + path[len(self.top) :] if path.startswith(f"{self.top}/") else path: data
            for path, data in self.members.items()
        }
        self.top = top

    def complete(self) -> list[tuple[str, bytes]]:
        """Return all members, with the RECORD that is right for them."""
        if self.kind == "sdist":
            return list(self.members.items())
        path = f"{self.top}/RECORD"
        return [*self.members.items(), (path, record(self.members, path))]

    def packed(self, members: list[tuple[str, bytes]] | None = None) -> Dist:
        """Return it as a file.

        Args:
            members: what is in it, in place of what is `complete`.
        """
        held = self.complete() if members is None else members
        return self.holding(zipped(held) if self.kind == "wheel" else tarred(held))

    def holding(self, data: bytes) -> Dist:
        """Return a file of its name with any bytes."""
        return Dist(self.filename, self.project, self.version, data, self.metadata)


def wheel(project: str, version: str, **content: Unpack[Content]) -> Draft:
    """Return the draft of a wheel."""
    made = parts(project, version, content)
    return Draft("wheel", project, version, f"{made.stem}-{PURE}.whl", made.info, made.text, wheel_members(made))


def sdist(project: str, version: str, **content: Unpack[Content]) -> Draft:
    """Return the draft of an sdist."""
    made = parts(project, version, content)
    top = str(made.stem)
    members = {f"{top}/{path}": data for path, data in sdist_members(made).items()}
    return Draft("sdist", project, version, f"{top}.tar.gz", top, made.text, members)


@dataclass(frozen=True)
class Misfit:
    """A distribution with one defect, and everything else right."""

    name: str
    kind: Kind
    wrong: str
    """What is wrong with it, in a sentence."""
    make: Callable[[str, str], Dist] = field(repr=False)
    """Makes it of a project's name and a version."""

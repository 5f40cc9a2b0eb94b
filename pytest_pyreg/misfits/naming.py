"""Distributions whose file names, or versions, are not as they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.dists.archives import zipped
from pytest_pyreg.dists.making import make_wheel
from pytest_pyreg.misfits.drafts import Draft, Misfit, sdist, wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_pyreg.dists.making import Dist


def _linux(project: str, version: str) -> Dist:
    return make_wheel(project, version, tag="cp312-cp312-linux_x86_64")


def _local(project: str, version: str) -> Dist:
    return make_wheel(project, f"{version}+local")


def _invalid_version(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    wrong = f"{version}.final"
    draft.rewrite(draft.metadata.replace(f"\nVersion: {version}\n".encode(), f"\nVersion: {wrong}\n".encode()))
    stem = f"{draft.filename.partition('-')[0]}-{wrong}"
    draft.rename_top(f"{stem}.dist-info")
    draft.version, draft.filename = wrong, f"{stem}-py3-none-any.whl"
    return draft.packed()


def _odd_wheel(project: str, version: str) -> Dist:
    return _spelled(wheel(project, version))


def _odd_sdist(project: str, version: str) -> Dist:
    return _spelled(sdist(project, version))


def _spelled(draft: Draft) -> Dist:
    """Pack a distribution that has its name everywhere as no file name should have it."""
    stem, _, rest = draft.filename.partition("-")
    odd = f"{stem.title()}.x"
    draft.rewrite(draft.metadata.replace(f"\nName: {draft.project}\n".encode(), f"\nName: {odd}\n".encode()))
    draft.rename_top(draft.top.replace(stem, odd, 1))
    draft.project, draft.filename = odd, f"{odd}-{rest}"
    return draft.packed()


def _zip_sdist(project: str, version: str) -> Dist:
    draft = sdist(project, version)
    draft.filename = f"{draft.top}.zip"
    return draft.holding(zipped(draft.complete()))


def _short_ending(project: str, version: str) -> Dist:
    draft = sdist(project, version)
    draft.filename = f"{draft.top}.tgz"
    return draft.packed()


def misfits() -> Iterator[Misfit]:
    """Return all of them."""
    yield Misfit("linux platform tag", "wheel", "The platform tag is linux_x86_64, which promises nothing.", _linux)
    yield Misfit("local version", "wheel", "The version has a local part, which is not for public indexes.", _local)
    yield Misfit("invalid version", "wheel", "The version is none (PEP 440).", _invalid_version)
    yield Misfit(
        "unnormalized wheel name", "wheel", "The file name has the project's name as its author spells it.", _odd_wheel
    )
    yield Misfit(
        "unnormalized sdist name", "sdist", "The file name has the project's name as its author spells it.", _odd_sdist
    )
    yield Misfit("zip sdist", "sdist", "The sdist is a zip file.", _zip_sdist)
    yield Misfit("wrong extension", "sdist", "The file name of the sdist ends in .tgz.", _short_ending)

"""Wheels whose `.dist-info` folder is not as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.dists.making import make_wheel
from pytest_pyreg.misfits.drafts import Draft, Misfit, wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_pyreg.dists.making import Dist


def _bad_record(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    module = next(iter(draft.members))
    return _recorded(draft, {**draft.members, module: b"# Something else, of another length.\n"})


def _unrecorded_file(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    listed = draft.complete()
    return draft.packed([("unrecorded.py", b"# In no RECORD.\n"), *listed])


def _absent_file(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    return _recorded(draft, {**draft.members, "absent.py": b"# Only in RECORD.\n"})


def _recorded(draft: Draft, listed: dict[str, bytes]) -> Dist:
    """Pack a wheel with the RECORD of other members."""
    right = draft.members
    draft.members = listed
    path, record = draft.complete()[-1]
    return draft.packed([*right.items(), (path, record)])


def _no_record(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    return draft.packed(list(draft.members.items()))


def _other_name(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    draft.rewrite(draft.metadata.replace(f"\nName: {project}\n".encode(), f"\nName: {project}-other\n".encode()))
    return draft.packed()


def _other_version(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    draft.rewrite(draft.metadata.replace(f"\nVersion: {version}\n".encode(), f"\nVersion: {version}.1\n".encode()))
    return draft.packed()


def _without(draft: Draft, *names: str) -> Dist:
    for name in names:
        del draft.members[f"{draft.top}/{name}"]
    return draft.packed()


def _no_metadata(project: str, version: str) -> Dist:
    return _without(wheel(project, version), "METADATA")


def _no_wheel_file(project: str, version: str) -> Dist:
    return _without(wheel(project, version), "WHEEL")


def _no_info(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    return draft.packed([(path, data) for path, data in draft.members.items() if not path.startswith(draft.top)])


def _two_infos(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    for name in ("METADATA", "WHEEL"):
        draft.members[f"other-{version}.dist-info/{name}"] = draft.members[f"{draft.top}/{name}"]
    return draft.packed()


def _bad_entry_points(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    draft.members[f"{draft.top}/entry_points.txt"] = b"[console_scripts]\nno/name = demo:main\n"
    return draft.packed()


def _no_license_file(project: str, version: str) -> Dist:
    return make_wheel(project, version, license_file="LICENSE")


def misfits() -> Iterator[Misfit]:
    """Return all of them."""
    yield Misfit("bad record", "wheel", "RECORD has another digest and size of the module than it has.", _bad_record)
    yield Misfit("file not in record", "wheel", "A file is in the wheel, but not in RECORD.", _unrecorded_file)
    yield Misfit("file only in record", "wheel", "A file is in RECORD, but not in the wheel.", _absent_file)
    yield Misfit("no record", "wheel", "There is no RECORD.", _no_record)
    yield Misfit("wrong metadata name", "wheel", "METADATA names another project than the file name.", _other_name)
    yield Misfit(
        "wrong metadata version", "wheel", "METADATA names another version than the file name.", _other_version
    )
    yield Misfit("no metadata", "wheel", "There is no METADATA.", _no_metadata)
    yield Misfit("no wheel file", "wheel", "There is no WHEEL.", _no_wheel_file)
    yield Misfit("no dist info", "wheel", "There is no .dist-info folder.", _no_info)
    yield Misfit("two dist infos", "wheel", "There are two .dist-info folders.", _two_infos)
    yield Misfit(
        "invalid entry points", "wheel", "The name of a command in entry_points.txt has a slash.", _bad_entry_points
    )
    yield Misfit(
        "missing license file", "wheel", "License-File names a file that is not in the wheel.", _no_license_file
    )

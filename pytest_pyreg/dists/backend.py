"""The build backend that an sdist brings along: it needs nothing but Python, so nothing is fetched to build it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.dists.naming import Stem

MODULE = "_pyreg_backend"

SYSTEM = f'[build-system]\nrequires = []\nbuild-backend = "{MODULE}"\nbackend-path = ["."]\n'.encode()
"""The `pyproject.toml` of an sdist."""

_CODE = '''\
"""Builds the wheel of this project, which has no build dependencies."""
import base64, hashlib, pathlib, zipfile
NAME, VERSION, FILES = {name!r}, {version!r}, {files!r}
def build_wheel(directory, config_settings=None, metadata_directory=None):
    info = NAME + "-" + VERSION + ".dist-info"
    members = {{path: pathlib.Path(source).read_bytes() for path, source in FILES.items()}}
    members[info + "/METADATA"] = pathlib.Path("PKG-INFO").read_bytes()
    members[info + "/WHEEL"] = b"Wheel-Version: 1.0\\nGenerator: pyreg\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    record = "".join(
        path + ",sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        + "," + str(len(data)) + "\\n"
        for path, data in members.items()
    )
    members[info + "/RECORD"] = (record + info + "/RECORD,,\\n").encode()
    filename = NAME + "-" + VERSION + "-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(directory) / filename, "w") as archive:
        for path, data in members.items():
            member = zipfile.ZipInfo(path)
            member.external_attr = (0o100755 if data.startswith(b"#!") else 0o100644) << 16
            archive.writestr(member, data)
    return filename
'''


def code(stem: Stem, sources: Mapping[str, str]) -> bytes:
    """Return the backend of a project.

    Args:
        stem: name and version as file names have them.
        sources: path in the wheel -> path in the sdist.
    """
    return _CODE.format(name=stem.name, version=stem.version, files=dict(sources)).encode()

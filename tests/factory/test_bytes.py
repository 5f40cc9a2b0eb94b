"""The same keywords give the same bytes, whatever the Python, its hash seed, the time and the machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import packaging
import pytest

import pytest_pyreg
from pytest_pyreg import make_sdist, make_wheel
from pytest_pyreg.misfits import NAMES, misfit

RICH = """make_wheel(
    "Demo.Pkg-x", "1!2.0+g1", tag=["cp310-cp310-manylinux2014_x86_64", "cp310-cp310-manylinux_2_17_x86_64"], build="1",
    extras={"test": ["pytest"]}, scripts={"demo": "demo_pkg_x:main"}, license_files=["LICENSE"],
    data={"data/share/x": "\\xe9"}, summary="\\xe9",
)"""
DIGESTS = {
    'make_wheel("demo", "1.0")': "80f67202de38552cb7b9ac325857634820da5b290bd171c244827a1b302e86d6",
    'make_sdist("demo", "1.0")': "b5f8e5ec132e3f85a7cecd7304e02c6e0da3d574652e8a768ab9d02af78b314f",
    RICH: "54fd0f0404098cec0ac6dd7dc310c09145b27b8353c21155e969607dbc19338f",
    'misfit("zip bomb")': "7b8aa872b6bd757f62a5c675f848d8475be0a395c860c45e996345254f791a36",
}
"""A change of one is a change of what everybody's tests may rely on: say it in CHANGELOG.md."""
PYTHONS = ("python3.10", "python3.11", "python3.12", "python3.13")


@pytest.mark.parametrize("call", DIGESTS, ids=["wheel", "sdist", "rich", "bomb"])
def test_these_are_the_bytes(call: str) -> None:
    """Written down once."""
    made = eval(call, {"make_wheel": make_wheel, "make_sdist": make_sdist, "misfit": misfit})  # noqa: S307 - from above.

    assert made.sha256 == DIGESTS[call]


def works(python: str) -> bool:
    """Tell whether an interpreter is there: a name on the path may be a shim for none."""
    found = shutil.which(python)
    return found is not None and not subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("seed", ["1", "2"])
def test_other_processes_make_the_same(python: str, seed: str) -> None:
    """Each Python that is here, with another hash seed, another home and another time zone."""
    if not works(python):
        pytest.skip(f"there is no {python} here")
    paths = {str(Path(module.__file__ or "").parents[1]) for module in (packaging, pytest_pyreg)}
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"}
    env |= {name: os.environ[name] for name in ("PYENV_VERSION", "PYENV_ROOT", "HOME") if name in os.environ}
    code = (
        "from pytest_pyreg import make_wheel, make_sdist, misfit\n"
        "from pytest_pyreg.misfits import NAMES\n"
        "import hashlib\n"
        f"for made in ({', '.join(DIGESTS)}): print(made.sha256)\n"
        "print(hashlib.sha256(b''.join(misfit(name).data for name in NAMES)).hexdigest())\n"
    )

    result = subprocess.run([python, "-c", code], env=env, capture_output=True, text=True, check=True)

    misfits = hashlib.sha256(b"".join(misfit(name).data for name in NAMES)).hexdigest()
    assert result.stdout.split() == [*DIGESTS.values(), misfits]


def test_the_order_of_keywords_is_none() -> None:
    """Only their values make a difference."""
    assert make_wheel(summary="a", author="b") == make_wheel(author="b", summary="a")
    assert make_wheel(summary="a", author="b") != make_wheel(summary="b", author="a")


def test_this_python_is_among_them() -> None:
    """Or the list is too old to say anything."""
    assert f"python{sys.version_info[0]}.{sys.version_info[1]}" in PYTHONS

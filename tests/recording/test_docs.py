"""What docs/upstream.md shows is executed; and what recording costs those who do not use it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_pyreg import Registry
    from tests.recording.conftest import Use

PAGE = (Path(__file__).parents[2] / "docs" / "upstream.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", [0, 1])
def test_the_tests_of_the_page_pass(pytester: pytest.Pytester, use: Use, number: int) -> None:
    """Each block is a test file."""
    del use
    code = [code for language, code in BLOCKS if language == "python"][number]
    pytester.makepyfile(code)

    pytester.runpytest().assert_outcomes(passed=code.count("def test"))


def test_the_settings_of_the_page_record(pytester: pytest.Pytester, real: Registry) -> None:
    """The ini file and the command, as they stand there."""
    (ini,) = (code for language, code in BLOCKS if language == "ini")
    (command,) = (code.split() for language, code in BLOCKS if language == "sh")
    pytester.makeini(ini)
    pytester.makepyfile("def test_it(pyreg):\n    pyreg.install('lib', client='uv')\n")

    pytester.runpytest(*command[1:]).assert_outcomes(passed=1)

    assert real.log.downloads()
    assert len(list((pytester.path / "tests" / "upstream" / "lib").iterdir())) >= 2


def test_the_network_is_loaded_when_it_is_used() -> None:
    """Not before."""
    code = (
        "import sys, tempfile, pytest_pyreg\n"
        "with pytest_pyreg.Registry('pypi') as registry:\n"
        "    registry.replay(tempfile.gettempdir())\n"
        "    print('requests' in sys.modules, 'pytest_pyreg.recording.source' in sys.modules)"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert result.stdout.split() == ["False", "True"]

"""What docs/ci.md shows is what the examples have, or is executed here."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.examples.conftest import Machine

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", (ROOT / "docs" / "ci.md").read_text(), re.MULTILINE | re.DOTALL)
FILES = ["gitlab-ci/.gitlab-ci.yml", "tox/tox.ini", "service/.gitlab-ci.yml", "service/Containerfile"]
(WORKFLOW,) = (code for language, code in BLOCKS if code.startswith("on:"))
(SCRIPT,) = (code for language, code in BLOCKS if language == "sh")


def test_what_is_shown_is_there() -> None:
    """Each fragment stands so in one of the examples, but for the workflow and its script."""
    examples = [(ROOT / "examples" / name).read_text() for name in FILES]
    shown = [code for _, code in BLOCKS if code not in {WORKFLOW, SCRIPT}]

    assert len(shown) == len(FILES)
    assert [any(code.strip("\n") in text for text in examples) for code in shown] == [True] * len(FILES)


def test_the_workflow_rehearses(machine: Machine, copied: Callable[..., Path]) -> None:
    """Its lines up to the one that publishes, each in a shell of its own, as its runner has them."""
    project = copied("gitlab-ci", {"publish.sh": SCRIPT})
    steps: list[dict[str, Any]] = yaml.safe_load(WORKFLOW)["jobs"]["release"]["steps"]
    env = {**machine.environment, "PATH": f"{machine.bin}:{machine.environment['PATH']}", "GITHUB_ACTIONS": "true"}
    log = ""
    for step in (step for step in steps if "run" in step and "if" not in step):
        argv = ["bash", "-e", "-c", step["run"]]
        done = subprocess.run(argv, cwd=project, env=env, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, f"{step}\n{done.stdout}\n{done.stderr}"
        log += done.stdout + done.stderr

    assert [step["run"] for step in steps if "if" in step] == ["sh publish.sh"]
    assert "it would take this release" in log
    assert len(re.findall(r"POST /api/packages/acme/pypi/? -> 201 Created", log)) == 2


@pytest.mark.skipif(not importlib.util.find_spec("check_jsonschema"), reason="check-jsonschema (extra dev) is not here")
@pytest.mark.parametrize("right", ["", "runs-on:"])
def test_the_workflow_fits_the_schema(tmp_path: Path, right: str) -> None:
    """That of GitHub's workflows, which the others follow; and it would see what is missing."""
    (tmp_path / "release.yml").write_text(WORKFLOW.replace(right, "wrong:") if right else WORKFLOW)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]

    result = subprocess.run(
        [*command, str(tmp_path / "release.yml")], capture_output=True, text=True, check=False, timeout=60
    )

    assert result.returncode == bool(right), result.stdout + result.stderr

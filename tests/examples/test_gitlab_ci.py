"""The jobs of examples/gitlab-ci, run by a shell executor on a machine with a Python that has nothing in it."""

from __future__ import annotations

import html
import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from pytest_pyreg import Registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.examples.conftest import Machine

    Copied = Callable[..., Path]

pytestmark = pytest.mark.long

MERGE_REQUEST = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_SERVER_VERSION_MAJOR": "18"}
MERGE_REQUEST |= {"CI_SERVER_VERSION_MINOR": "5"}
"""What GitLab 18.5 puts into every job of a merge request."""
FILES = {"widget-1.0-py3-none-any.whl", "widget-1.0.tar.gz"}


def test_a_merge_request_rehearses(machine: Machine, copied: Copied) -> None:
    """The project, its script and its tests, as on the GitLab that runs it, and the report is what is linked."""
    done = machine.pipeline(copied("gitlab-ci"), MERGE_REQUEST)

    assert {name: job.code for name, job in done.items()} == {"rehearse": 0, "rehearse-publish": 0, "test": 0}
    assert "gitlab@18.5" in done["rehearse"].log
    # A merge request links to a file if it is the only one, and named without a pattern.
    (page,) = (path.read_text() for path in done["rehearse"].artifacts.values())
    assert "widget" in page
    assert "gitlab@18.5" in page
    assert "pyreg: gitlab@18.5 at " in done["rehearse-publish"].log
    assert done["rehearse-publish"].log.count("-> 201 Created") == len(FILES)
    report = ET.parse(done["test"].artifacts["report.xml"])  # noqa: S314 - pytest has just written it.
    assert len(report.findall(".//testcase")) == 5


BROKEN = {
    "rehearse": {"src/widget/__init__.py": "import what_is_not_there\n"},
    "rehearse-publish": {
        "publish.sh": "set -e\npython -m build --no-isolation\npython -m twine upload -u me -p no --repository-url "
        "$CI_API_V4_URL/projects/$CI_PROJECT_ID/packages/pypi dist/*\n"
    },
}


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_wrong_is_seen_there(machine: Machine, copied: Copied, broken: str) -> None:
    """A project that does not work and a script that publishes as nobody each fail their job, and nothing is hidden.

    This GitLab is newer than any that is known here: it is told so, and the newest one that is known stands in.
    """
    late = {**MERGE_REQUEST, "CI_SERVER_VERSION_MAJOR": "99"}

    job = machine.pipeline(copied("gitlab-ci", BROKEN[broken]), late, broken)[broken]

    assert job.code == 1
    assert "pyreg: gitlab@99.5 is not described yet: " in job.log
    assert Registry("gitlab").flavour.name in job.log
    if broken == "rehearse":
        page = job.artifacts["public/rehearsal.html"].read_text()
        assert "No module named 'what_is_not_there'" in html.unescape(page)
    else:
        assert "401 Unauthorized" in job.log


def test_a_tag_publishes(machine: Machine, copied: Copied) -> None:
    """The job `publish` alone, here to a registry that stands for the real one; a second time it is refused."""
    project = copied("gitlab-ci")
    with Registry("gitlab@18.5") as real:
        tag = {**real.ci_env(), "CI_COMMIT_TAG": "v1.0", "CI_PIPELINE_SOURCE": "push"}
        first = machine.pipeline(project, tag)
        published = real.files("widget")
        again = machine.pipeline(project, tag)
        secret = real.ci_env()["CI_JOB_TOKEN"]

    assert {name: job.code for name, job in first.items()} == {"publish": 0}
    assert published == FILES
    assert again["publish"].code != 0
    assert "400 Bad Request" in again["publish"].log
    assert secret not in first["publish"].log + again["publish"].log


def test_a_branch_does_nothing(machine: Machine, copied: Copied) -> None:
    """Neither a merge request nor a tag."""
    assert machine.pipeline(copied("gitlab-ci"), {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"}) == {}


@pytest.mark.skipif(not importlib.util.find_spec("check_jsonschema"), reason="check-jsonschema (extra dev) is not here")
@pytest.mark.parametrize("right", ["", "when: always", "expose_as: Rehearsal"])
def test_the_file_fits_gitlabs_own_schema(copied: Copied, right: str) -> None:
    """That which its editor holds files against; and it would see what is wrong."""
    file = copied("gitlab-ci") / ".gitlab-ci.yml"
    file.write_text(file.read_text().replace(right, "wrong: wrong") if right else file.read_text())
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]

    result = subprocess.run(
        [*command, "--data-transform", "gitlab-ci", str(file)], capture_output=True, text=True, check=False, timeout=60
    )

    assert result.returncode == bool(right), result.stdout + result.stderr

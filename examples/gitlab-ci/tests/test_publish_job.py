"""The job `publish` of .gitlab-ci.yml, run as it stands there."""

import shutil
from pathlib import Path

import pytest
import yaml

from pytest_pyreg import ANONYMOUS, CommandFailed

PROJECT = Path(__file__).parent.parent
JOB = yaml.safe_load((PROJECT / ".gitlab-ci.yml").read_text())["publish"]


@pytest.fixture
def checkout(tmp_path):
    """A copy of the project, as a runner would have it."""
    return shutil.copytree(PROJECT, tmp_path / "widget", ignore=shutil.ignore_patterns("dist", "__pycache__"))


@pytest.fixture
def run_job(pyreg_gitlab, checkout):
    """Run the job's script with what GitLab puts into a job's environment, and no credential but the job's token."""

    def run(token=None):
        env = pyreg_gitlab.ci_env()
        if token is not None:
            env["CI_JOB_TOKEN"] = token.secret
        script = "\n".join(JOB["script"])
        return pyreg_gitlab.run("bash", "-euo", "pipefail", "-c", script, credential=ANONYMOUS, cwd=checkout, env=env)

    return run


@pytest.mark.pyreg("gitlab@16", "gitlab@17", "gitlab@18")
def test_the_job_publishes(pyreg_gitlab, run_job):
    run_job()

    assert pyreg_gitlab.files("widget") == {"widget-1.0.tar.gz", "widget-1.0-py3-none-any.whl"}
    assert {upload.who for upload in pyreg_gitlab.log.uploads()} == {"a CI job of publisher in acme/demo"}
    assert pyreg_gitlab.install("widget").distributions() == {"widget": "1.0"}


def test_a_tag_that_is_pushed_again_is_refused(run_job):
    run_job()

    with pytest.raises(CommandFailed, match="'widget-1.0-py3-none-any.whl' is already stored"):
        run_job()


def test_a_guest_cannot_release(pyreg_gitlab, run_job):
    """A job has the rights of whoever started it."""
    project = pyreg_gitlab.project(pyreg_gitlab.namespace.path)
    project.add_member(guest := pyreg_gitlab.user("gwen"), "guest")

    with pytest.raises(CommandFailed, match="403 Forbidden"):
        run_job(project.job_token(guest))

    assert pyreg_gitlab.files("widget") == set()

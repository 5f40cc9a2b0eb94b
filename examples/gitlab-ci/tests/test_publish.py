"""The script of the job `publish`, run with what GitLab puts into a job's environment."""

import shutil
from pathlib import Path

import pytest

from pytest_pyreg import ANONYMOUS, CommandFailed

PROJECT = Path(__file__).parent.parent


@pytest.fixture
def checkout(tmp_path):
    """A copy of the project, as a runner would have it."""
    return shutil.copytree(PROJECT, tmp_path / "widget", ignore=shutil.ignore_patterns("dist", "__pycache__"))


@pytest.fixture
def publish(pyreg_gitlab, checkout):
    """Run the script with no credential but the job's token."""

    def run(token=None):
        env = pyreg_gitlab.ci_env()
        if token is not None:
            env["CI_JOB_TOKEN"] = token.secret
        return pyreg_gitlab.run("sh", "publish.sh", credential=ANONYMOUS, cwd=checkout, env=env)

    return run


@pytest.mark.pyreg("gitlab@16", "gitlab@17", "gitlab@18")
def test_the_job_publishes(pyreg_gitlab, publish):
    publish()

    assert pyreg_gitlab.files("widget") == {"widget-1.0.tar.gz", "widget-1.0-py3-none-any.whl"}
    assert {upload.who for upload in pyreg_gitlab.log.uploads()} == {"a CI job of publisher in acme/demo"}
    assert pyreg_gitlab.install("widget").distributions() == {"widget": "1.0"}


def test_a_tag_that_is_pushed_again_is_refused(publish):
    publish()

    with pytest.raises(CommandFailed, match="'widget-1.0-py3-none-any.whl' is already stored"):
        publish()


def test_a_guest_cannot_release(pyreg_gitlab, publish):
    """A job has the rights of whoever started it."""
    project = pyreg_gitlab.project(pyreg_gitlab.namespace.path)
    project.add_member(guest := pyreg_gitlab.user("gwen"), "guest")

    with pytest.raises(CommandFailed, match="403 Forbidden"):
        publish(project.job_token(guest))

    assert pyreg_gitlab.files("widget") == set()

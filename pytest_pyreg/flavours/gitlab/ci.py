"""What GitLab CI puts into a job's environment, as far as publish jobs use it.

Names, and the release since which each is there: doc/ci/variables/predefined_variables.md, whose tables named the
releases until 17 (gitlabhq/gitlabhq at several commits), and lib/gitlab/ci/variables/builder.rb.  Left out: what is
about commits, runners, the container registry and times; there is none of it here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.model import Namespace

_COMMIT = "0" * 40
_SINCE: Mapping[str, tuple[int, int]] = {
    "CI_PROJECT_ROOT_NAMESPACE": (13, 2),
    "CI_JOB_NAME_SLUG": (15, 4),
    "CI_PROJECT_NAMESPACE_ID": (15, 7),
    "CI_API_GRAPHQL_URL": (15, 11),
    "CI_SERVER_FQDN": (16, 10),
}
"""What is younger than 12.10."""


class Job(NamedTuple):
    """A job of a project's default branch."""

    url: str
    """The instance's base URL."""
    release: str
    """The instance's release, such as `17.4`."""
    project: Namespace
    """Whose pipeline it is."""
    namespace_id: int
    """The number of the group or user that the project is in."""
    token: str
    user: tuple[int, str]
    """The number and the name of who started the pipeline."""
    ca: str = ""
    """The file of an authority of the instance's own; none if empty."""
    folder: str = ""
    """Where the project is checked out; not said if empty."""


def job_environment(job: Job) -> dict[str, str]:
    """Return the variables that the job has at that release."""
    numbers = [int(number) for number in job.release.split(".")] + [0, 0]
    release = numbers[0], numbers[1]
    return {name: value for name, value in _variables(job, numbers).items() if _SINCE.get(name, release) <= release}


def _variables(job: Job, numbers: list[int]) -> dict[str, str]:
    url, project = job.url, job.project
    parts = urlsplit(url)
    port = str(parts.port or (443 if parts.scheme == "https" else 80))
    namespace, root = project.path.rpartition("/")[0], f"{url}/{project.path}"
    major, minor, patch = map(str, numbers[:3])
    user_id, user = job.user
    return {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_API_V4_URL": f"{url}/api/v4",
        "CI_API_GRAPHQL_URL": f"{url}/api/graphql",
        # The docs say it: HOST has no port, FQDN has it where it is not the scheme's own.
        "CI_SERVER_URL": url,
        "CI_SERVER_PROTOCOL": parts.scheme,
        "CI_SERVER_HOST": parts.hostname or "",
        "CI_SERVER_PORT": port,
        "CI_SERVER_FQDN": parts.netloc,
        # The runner's doing, where its settings have such a file (docs, since !93133; runner, common/build.go).
        **({"CI_SERVER_TLS_CA_FILE": job.ca} if job.ca else {}),
        "CI_SERVER": "yes",
        "CI_SERVER_NAME": "GitLab",
        "CI_SERVER_VERSION": f"{major}.{minor}.{patch}",
        "CI_SERVER_VERSION_MAJOR": major,
        "CI_SERVER_VERSION_MINOR": minor,
        "CI_SERVER_VERSION_PATCH": patch,
        "CI_PROJECT_ID": str(project.id),
        "CI_PROJECT_NAME": project.name,
        "CI_PROJECT_TITLE": project.name,
        "CI_PROJECT_PATH": project.path,
        "CI_PROJECT_PATH_SLUG": re.sub("[^a-z0-9]", "-", project.path.lower())[:63].strip("-"),
        "CI_PROJECT_NAMESPACE": namespace,
        "CI_PROJECT_NAMESPACE_ID": str(job.namespace_id),
        "CI_PROJECT_ROOT_NAMESPACE": namespace.partition("/")[0],
        "CI_PROJECT_URL": root,
        "CI_PROJECT_VISIBILITY": project.visibility.value,
        **({"CI_PROJECT_DIR": job.folder} if job.folder else {}),
        "CI_CONFIG_PATH": ".gitlab-ci.yml",
        "CI_DEFAULT_BRANCH": "main",
        "CI_COMMIT_BRANCH": "main",
        "CI_COMMIT_REF_NAME": "main",
        "CI_COMMIT_REF_SLUG": "main",
        "CI_COMMIT_REF_PROTECTED": "true",
        "CI_COMMIT_SHA": _COMMIT,
        "CI_COMMIT_SHORT_SHA": _COMMIT[:8],
        "CI_PIPELINE_ID": "1",
        "CI_PIPELINE_IID": "1",
        "CI_PIPELINE_SOURCE": "push",
        "CI_PIPELINE_URL": f"{root}/-/pipelines/1",
        "CI_JOB_ID": "1",
        "CI_JOB_NAME": "publish",
        "CI_JOB_NAME_SLUG": "publish",
        "CI_JOB_STAGE": "deploy",
        "CI_JOB_URL": f"{root}/-/jobs/1",
        "CI_NODE_TOTAL": "1",
        "GITLAB_USER_ID": str(user_id),
        "GITLAB_USER_LOGIN": user,
        "GITLAB_USER_NAME": user,
        "CI_JOB_TOKEN": job.token,
    }

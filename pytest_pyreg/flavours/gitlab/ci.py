"""What GitLab CI puts into a job's environment (docs: predefined CI/CD variables), as far as publish jobs use it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pytest_pyreg.identity import Credential
    from pytest_pyreg.model import Namespace

_COMMIT = "0" * 40


def job_environment(url: str, project: Namespace, token: Credential, ca: str = "") -> dict[str, str]:
    """Return the variables of a job of the project's default branch.

    Args:
        url: the instance's base URL.
        project: whose pipeline it is.
        token: the job's token.
        ca: the file of an authority of the instance's own; none if empty.
    """
    parts = urlsplit(url)
    port = str(parts.port or (443 if parts.scheme == "https" else 80))
    namespace = project.path.rpartition("/")[0]
    return {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_API_V4_URL": f"{url}/api/v4",
        # The docs say it: HOST has no port, FQDN has it where it is not the scheme's own.
        "CI_SERVER_URL": url,
        "CI_SERVER_PROTOCOL": parts.scheme,
        "CI_SERVER_HOST": parts.hostname or "",
        "CI_SERVER_PORT": port,
        "CI_SERVER_FQDN": parts.netloc,
        # The runner's doing, where its settings have such a file (docs, since !93133; runner, common/build.go).
        **({"CI_SERVER_TLS_CA_FILE": ca} if ca else {}),
        "CI_SERVER": "yes",
        "CI_SERVER_NAME": "GitLab",
        "CI_PROJECT_ID": str(project.id),
        "CI_PROJECT_NAME": project.name,
        "CI_PROJECT_TITLE": project.name,
        "CI_PROJECT_PATH": project.path,
        "CI_PROJECT_PATH_SLUG": project.path.lower().replace("/", "-"),
        "CI_PROJECT_NAMESPACE": namespace,
        "CI_PROJECT_NAMESPACE_ID": str(project.id + 1),
        "CI_PROJECT_ROOT_NAMESPACE": namespace.partition("/")[0],
        "CI_PROJECT_URL": f"{url}/{project.path}",
        "CI_PROJECT_VISIBILITY": project.visibility.value,
        "CI_DEFAULT_BRANCH": "main",
        "CI_COMMIT_BRANCH": "main",
        "CI_COMMIT_REF_NAME": "main",
        "CI_COMMIT_REF_SLUG": "main",
        "CI_COMMIT_SHA": _COMMIT,
        "CI_COMMIT_SHORT_SHA": _COMMIT[:8],
        "CI_PIPELINE_ID": "1",
        "CI_PIPELINE_SOURCE": "push",
        "CI_JOB_ID": "1",
        "CI_JOB_NAME": "publish",
        "CI_JOB_STAGE": "deploy",
        "CI_JOB_URL": f"{url}/{project.path}/-/jobs/1",
        "CI_JOB_TOKEN": token.secret,
    }

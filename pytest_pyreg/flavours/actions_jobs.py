"""What a job of an Actions system has in its environment: the names are GitHub's, and its imitators say them too.

GitHub: github/docs, content/actions/reference/workflows-and-actions/variables.md (2026).  The others' runners:
act/runner/run_context.go, `withGithubEnv` (project-mirrors/gitea-act-runner@0cedd980,
project-mirrors/forgejo-runner@02342711).  No secret is in it by itself: a workflow hands one to a step.
"""

from __future__ import annotations

from typing import NamedTuple

_COMMIT = "0" * 40
_REF = "refs/heads/main"


class Job(NamedTuple):
    """A job of a repository's default branch."""

    server: str
    """The instance's base URL."""
    api: str
    """That of its REST API."""
    repository: str
    """Owner and name."""
    actor: str
    """Who started the run."""
    folder: str = ""
    """Where the repository is checked out; not said if empty."""


def job_environment(job: Job, *prefixes: str) -> dict[str, str]:
    """Return the variables that every such system has, `CI` and `<PREFIX>_REPOSITORY` and so on.

    Args:
        job: which.
        prefixes: those of the names.
    """
    said = {
        "ACTIONS": "true",
        "ACTOR": job.actor,
        "API_URL": job.api,
        "BASE_REF": "",
        "EVENT_NAME": "push",
        "HEAD_REF": "",
        "JOB": "publish",
        "REF": _REF,
        "REF_NAME": _REF.rpartition("/")[2],
        "REF_TYPE": "branch",
        "REPOSITORY": job.repository,
        "REPOSITORY_OWNER": job.repository.partition("/")[0],
        "RETENTION_DAYS": "90",
        "RUN_ATTEMPT": "1",
        "RUN_ID": "1",
        "RUN_NUMBER": "1",
        "SERVER_URL": job.server,
        "SHA": _COMMIT,
        "WORKFLOW": "publish",
        **({"WORKSPACE": job.folder} if job.folder else {}),
    }
    return {"CI": "true"} | {f"{prefix}_{name}": value for prefix in prefixes for name, value in said.items()}

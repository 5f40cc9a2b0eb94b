"""What a job of Gitea's or Forgejo's own CI system has, and who it is to the registry.

Its token stands for no person, but for a user of the system's own (models/user/user_system.go), who is a member of
nothing.  What such a user may do with packages nobody has decided (services/context/package.go, "TODO: ActionUser
permission check", in 1.27 as in 1.19; services/packages/perm.go in Forgejo 15 and later): so it reads what every user
may read, and writes nowhere.  go-gitea/gitea#23642 is about that, and #39070 (August 2026, open) would change it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.flavours import actions_jobs

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM_USERS: Mapping[str, str] = {"gitea": "gitea-actions", "forgejo": "forgejo-actions"}
"""Product -> the user that its jobs are."""
SYSTEM_ID = -2
_PREFIXES: Mapping[str, tuple[str, ...]] = {"gitea": ("GITHUB",), "forgejo": ("GITHUB", "FORGEJO")}


def job_environment(product: str, url: str, owner: str, token: str, folder: str = "") -> dict[str, str]:
    """Return the variables of a job.

    Forgejo's runner says everything twice, from its release 7 on, and the token with it.  Gitea's hands the token out
    as a secret, which a workflow passes on under one of the two names that it has.

    Args:
        product: `gitea` or `forgejo`.
        url: the instance's base URL.
        owner: whose repository it is.
        token: the job's token.
        folder: where the repository is checked out; not said if empty.
    """
    job = actions_jobs.Job(url, f"{url}/api/v1", f"{owner}/demo", "publisher", folder)
    tokens = {f"{prefix}_TOKEN": token for prefix in ("GITHUB", product.upper())}
    # Both say that they are Gitea's (internal/app/run/runner.go, `NewRunner`).
    return actions_jobs.job_environment(job, *_PREFIXES[product]) | {"GITEA_ACTIONS": "true"} | tokens

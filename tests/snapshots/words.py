"""Every public word that changes a registry, each used in a way that shows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pytest_pyreg import Gitea, GitLab, PyPI, Registry, make_dists, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    Words = dict[str, Callable[[Any], object]]

# What asks, and what others are made of.
NO_CHANGE = {
    *(
        "can",
        "require",
        "ancestors",
        "check_mine",
        "found_team",
        "known",
        "namespace",
        "namespace_of",
        "owners",
        "users",
    ),
    *("projects_in", "renamed", "user_called", "user_of_pipeline", "secrets", "stocked", "identify", "granted"),
    *("searched", "forwards", "offers_json", "stores_elsewhere", "ci_environment", "changed", "load", "projects"),
    *("issue_access_token", "issue_deploy_token", "issue_job_token", "issue_personal_token", "issue_token"),
    *(
        "issue_oauth_token",
        "deleted",
        "forgotten",
        "register",
        "mint",
        "files",
        "versions",
        "env",
        "report",
        "redacted",
    ),
    *("start", "stop", "snapshot", "restore", "make_wheel", "make_sdist", "make_dists", "run", "install", "record"),
    *("replay", "move", "upload", "memento", "venv", "yank", "unyank", "forward", "check", "ci_env"),
    *(
        "keep",
        "save",
        "assert_kept",
        "seed",
        "make_big",
        "keyring",
        "publish",
        "build",
        "another",
        "recognise",
        "has_user",
    ),
}
"""Some do change something, but are reached by another word (`issue_token` by `token`) or not there everywhere."""

STOCK: Words = {
    "add": lambda r: r.add(*make_dists("demo", "2.0"), make_wheel("later", "1.0", files={"later.bin": "x" * 200_000})),
    "delete": lambda r: r.delete("demo", "1.0"),
    "delete a file": lambda r: r.delete("other", "1.0", "other-1.0-py3-none-any.whl"),
    "delete what came": lambda r: r.delete("later"),
    "faults": lambda r: r.faults.on("download", nth=100).reply(503),
    "lies": lambda r: (r.lies.hide("other-1.0-py3-none-any.whl"), r.lies.wrong_hash("demo")),
}
YANKED: Words = {
    "yank": lambda r: r.yank("other", "1.0", "broken"),
    "unyank": lambda r: r.unyank("other", "1.0"),
}


GITLAB: Words = {
    "user": lambda r: (r.user("newcomer"), r.user("ada", external=True, admin=True)),
    "group": lambda r: (r.group("acme", visibility="public"), r.group("new/inside", visibility="internal")),
    "project": lambda r: (
        r.project("new/project"),
        r.project("new/other", visibility="private"),
        r.project("acme/demo", name="Renamed"),
    ),
    "move": lambda r: r.world.move(r.project("acme/other"), "acme/moved"),
    "flag": lambda r: r.flag("pypi_pep_691_json"),
    "forward": lambda r: (r.world.forward(on=False), r.group("acme").forward(on=True, lock=True)),
    "block": lambda r: r.user("publisher").block(),
    "personal_token": lambda r: r.user("ada").personal_token(["read_api"], expires=timedelta(days=1)),
    "access_token": lambda r: r.project("acme/other").access_token(role="owner"),
    "deploy_token": lambda r: r.group("acme").deploy_token(username="me"),
    "job_token": lambda r: r.project("acme/other").job_token(r.user("ada")),
    "add_member": lambda r: r.project("acme/other").add_member(r.user("stranger"), "owner"),
    "remove_member": lambda r: r.project("acme/demo").remove_member(r.user("reader")),
    "allow_jobs_of": lambda r: r.project("acme/demo").allow_jobs_of(r.project("acme/other"), ["read_packages"]),
    "protect": lambda r: r.project("acme/demo").protect("demo*", push="owner"),
    "archive": lambda r: r.project("acme/other").archive(),
    "set_package_registry": lambda r: r.project("acme/demo").set_package_registry("public"),
    "settings": lambda r: setattr(r.settings, "storage", "object storage"),
    "settings in settings": lambda r: setattr(r.settings.throttle_authenticated_packages_api, "enabled", True),
    "revoke": lambda r: r.revoke(r.reader),
    "fix_secret": lambda r: r.world.fix_secret(r.stranger, "known-beforehand"),
    "limits counted": lambda r: r.world.throttles.count("somebody", 60),
}
GITEA: Words = {
    "user": lambda r: (r.user("newcomer", password="correct horse"), r.user("ada", admin=True).enroll_totp("654321")),
    "organization": lambda r: (r.organization("new"), r.organization("acme", visibility="public")),
    "rename": lambda r: r.organization("acme").rename("umbrella"),
    "settle": lambda r: r.settle(r.user("ada")),
    "repository": lambda r: r.user("ada").repository("code", private=True),
    "token": lambda r: r.user("ada").token(["read:package"]),
    "oauth_token": lambda r: r.user("ada").oauth_token(["read:package"]),
    "enroll_totp": lambda r: r.user("ada").enroll_totp(),
    "enroll_webauthn": lambda r: r.user("publisher").enroll_webauthn(),
    "team": lambda r: r.organization("other").team("publishers", access="none", members=[r.user("stranger")]),
    "add_owner": lambda r: r.organization("other").add_owner(r.user("stranger")),
    "remove_member": lambda r: r.organization("other").remove_member(r.user("ada")),
    "settings": lambda r: setattr(r.settings, "require_signin_view", True),
    "fix_secret": lambda r: r.world.fix_secret(r.stranger, "known-beforehand"),
    "revoke": lambda r: r.revoke(r.reader),
    "forward": lambda r: r.world.forward(on=True),
}
PYPI: Words = {
    "user": lambda r: (r.user("newcomer"), r.user("publisher", frozen=True)),
    "organization": lambda r: r.organization("acme", good_standing=False),
    "project": lambda r: r.project("new", owners=[r.user("ada")], organization=r.organization("acme")),
    "archive": lambda r: r.project("demo").archive(),
    "unarchive": lambda r: r.project("demo").unarchive(),
    "quarantine": lambda r: r.project("demo").quarantine(),
    "release_quarantine": lambda r: r.project("demo").release_quarantine(),
    "quarantine_release": lambda r: r.project("demo").quarantine_release("1.0"),
    "trusted_publisher": lambda r: r.project("demo").trusted_publisher(github="acme/demo").mint(),
    "add_owner": lambda r: r.project("demo").add_owner(r.user("ada")),
    "add_maintainer": lambda r: r.project("demo").add_maintainer(r.user("stranger")),
    "remove": lambda r: r.project("demo").remove(r.user("publisher")),
    "api_token": lambda r: r.user("ada").api_token("demo", lasts=timedelta(days=1)),
    "settings": lambda r: setattr(r.settings, "read_only", True),
    "prohibited": lambda r: r.world.prohibited.add("later"),
    "fix_secret": lambda r: r.world.fix_secret(r.stranger, "known-beforehand"),
    "rates": lambda r: r.world.rates.hit("user publisher"),
    "revoke": lambda r: r.revoke(r.reader),
    "forward": lambda r: r.world.forward(on=True),
}
PLAIN: Words = {
    "fix_secret": lambda r: r.world.fix_secret(r.stranger, "known-beforehand"),
    "revoke": lambda r: r.world.revoke(r.reader),
}
WORDS: dict[str, Words] = {
    "gitlab": STOCK | GITLAB,
    "gitea": STOCK | GITEA,
    "forgejo": STOCK | GITEA,
    "pypi": YANKED | STOCK | PYPI,
    "pep503": STOCK | PLAIN,
}


def furnished(registry: Registry) -> list[Any]:
    """Put something in that can be changed; return the credentials that were made."""
    registry.add(make_wheel("demo", "1.0"), make_wheel("other", "1.0", files={"other.bin": "y" * 200_000}))
    if isinstance(registry, GitLab):
        ada = registry.user("ada")
        registry.project("acme/other").add_member(ada, "developer")
        return [ada.personal_token(), registry.project("acme/other").deploy_token(), registry.world.job]
    if isinstance(registry, Gitea):
        member = registry.user("ada")
        registry.organization("other").team("publishers", access="write", members=[member])
        return [member.token()]
    if isinstance(registry, PyPI):
        return [registry.user("ada").api_token(registry.project("demo"))]
    return []

"""`given.state`: what rows say of a Gitea's accounts and packages in sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.conformance.cases import CannotExpress
from tests.conformance.gitea_scenes import OTP
from tests.conformance.wires import Request, in_process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_pyreg.flavours.gitea.people import Owner, User
    from tests.conformance.gitea_scenes import Scene

WHO = r"(?P<who>[\w-]+)(?: \([^)]*\))?"


def settle(scene: Scene) -> None:
    """Make the row's sentences true.

    Raises:
        CannotExpress: one is not known.
    """
    state = scene.row.given.get("state", [])
    for sentence in [state] if isinstance(state, str) else state:
        for part in _parts(str(sentence)):
            _settle(scene, part)


def _parts(sentence: str) -> list[str]:
    """Return a sentence, or those that it consists of if it is none that is known as a whole."""
    whole = any(re.fullmatch(pattern, sentence) for pattern in STATES)
    return [sentence] if whole else re.split(r"; | and ", sentence)


def _settle(scene: Scene, sentence: str) -> None:
    for pattern, act in STATES.items():
        found = re.fullmatch(pattern, sentence)
        if found is not None:
            act(scene, found)
            return
    raise CannotExpress(f"given.state = {sentence!r}")


def _of(scene: Scene, found: re.Match[str]) -> User:
    """Return of whom a sentence speaks: of who asks, if it names nobody."""
    who = found.groupdict().get("who")
    return scene.user(who) if who and who not in {"account", "actor", "user"} else scene.someone("a state")


def _totp(scene: Scene, found: re.Match[str]) -> None:
    user = _of(scene, found)
    user.two_factor, user.otp = "totp", OTP


def _security_key(scene: Scene, found: re.Match[str]) -> None:
    _of(scene, found).two_factor = "webauthn"


def _over_quota(scene: Scene, found: re.Match[str]) -> None:
    _of(scene, found).over_quota = True


def _must_change(scene: Scene, found: re.Match[str]) -> None:
    """Let the account need another password: packages do not ask, the REST API does if the world knows of it."""
    user = _of(scene, found)
    if hasattr(user, "must_change_password"):
        user.must_change_password = True


def _inactive(scene: Scene, found: re.Match[str]) -> None:
    _of(scene, found).active = False


def _prohibited(scene: Scene, found: re.Match[str]) -> None:
    _of(scene, found).prohibit_login = True


def _restricted(scene: Scene, found: re.Match[str]) -> None:
    _of(scene, found).restricted = True


def _renamed(scene: Scene, found: re.Match[str]) -> None:
    scene.world.rename(scene.owner(found["old"]), found["new"])


def _make_repository(owner: Owner, name: str) -> None:
    make = getattr(owner, "repository", None)
    if make is None:
        raise CannotExpress(f"given.state: this world has no repositories, and so no {name!r}")
    make(name)


def _repository(scene: Scene, found: re.Match[str]) -> None:
    _make_repository(scene.owner(found["who"]), found["repository"])


def _linked(scene: Scene, found: re.Match[str]) -> None:
    """Link the row's package, as its owner would."""
    repository = found.groupdict().get("repository") or "repo1"
    package = scene.row.given["packages"][0]
    owner = scene.user(package["owner"])
    _make_repository(owner, repository)
    name = re.sub(r"[._]", "-", package.get("uploaded_name", package.get("name"))).lower()
    target = f"/api/v1/packages/{owner.name}/pypi/{name}/-/link/{repository}"
    showing = ("Authorization", f"Bearer {owner.token(['all']).secret}")
    answer = in_process(scene.registry, Request("POST", target, (showing,)))
    if answer.status != 201:
        raise CannotExpress(f"it could not be linked before: {answer.status} {answer.body!r}")


def _nothing(_: Scene, __: re.Match[str]) -> None:
    """Change nothing: it is so."""


_ACCOUNT = rf"(?:(?:the )?{WHO}(?:'s account)?(?: is| has)? )?"
STATES: Mapping[str, Callable[[Scene, re.Match[str]], None]] = {
    rf"{WHO} has (?:a )?TOTP(?: enrolled)?": _totp,
    rf"{WHO} has (?:a )?(?:WebAuthn|security key|passkey)(?: key)?(?: enrolled| registered)?": _security_key,
    rf"(?:{WHO} )?must[- ]change[- ](?:(?:her|his|their|the) )?password(?: account)?": _must_change,
    rf"{WHO} is over (?:her|his|their|its) (?:\S+ )?quota": _over_quota,
    rf"{_ACCOUNT}(?:inactive|not activated)(?: account)?": _inactive,
    rf"{_ACCOUNT}(?:login[- ]prohibited|prohibit_login|prohibited to log in)(?: account)?": _prohibited,
    rf"{_ACCOUNT}restricted(?: account)?(?:, not a member)?": _restricted,
    rf"{_ACCOUNT}not a member": _nothing,
    r"(?P<old>[\w-]+) (?:was|has been|is) renamed to (?P<new>[\w-]+)": _renamed,
    r"(?P<new>[\w-]+) (?:was|has been) renamed from (?P<old>[\w-]+)": _renamed,
    r"(?P<who>[\w-]+) owns (?:the )?repository (?P<repository>[\w.-]+)": _repository,
    r"(?:the package is )?(?:already )?linked(?: to (?P<repository>[\w.-]+))?": _linked,
    r"(?:the package is )?not linked": _nothing,
}

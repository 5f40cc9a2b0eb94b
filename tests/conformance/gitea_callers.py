"""`given.credential`: what a caller of Gitea shows."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitea import features
from tests.conformance.cases import CannotExpress
from tests.conformance.gitea_scenes import OTP, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.conformance.gitea_scenes import Scene

WRONG = "wrong"
UNKNOWN_TOKEN = "f" * 40
_PAT = r"(?:a |an )?(?:valid )?(?:PAT|<PAT>)(?:\((?P<scopes>[^)]*)\))?"
_OAUTH = r"(?:an? )?(?:valid )?OAuth2?(?: access)? token(?:\((?P<scopes>[^)]*)\))?"
_OAUTH_AS = re.compile(rf"{_OAUTH} as (?P<how>bearer|basic password|basic user ?name|token|query)", re.IGNORECASE)
_BASIC = re.compile(r"(?:Authorization: )?basic (?P<user>[^:]*(?:\([^)]*\))?):(?P<secret>.*)", re.IGNORECASE)
_TOKEN = re.compile(r"(?:Authorization: )?(?P<scheme>bearer|token) (?P<secret>.+)", re.IGNORECASE)
_QUERY = re.compile(r"(?:query )?\??(?P<name>token|access_token)=(?P<secret>.+)")
_HEADER = re.compile(r"(?P<name>[A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*): (?P<value>.*)")
_OTHER = re.compile(r"(?:Basic|Digest|Negotiate|NTLM|Hawk|Custom|Foo|ApiKey)(?: \S.*)?")
_ONE_TIME = re.compile(r"(?:a )?(?P<good>valid|invalid|wrong|good) (?P<name>X-(?:Gitea|Forgejo)-OTP)(?: header)?")


def alternatives(credential: object) -> list[object]:
    """Return the credentials that a row names: `basic PAT:'' or PAT:'x-oauth-basic'` are two, both basic."""
    if not isinstance(credential, str):
        return [credential]
    first, *others = re.split(r"\s+or\s+", credential)
    token = re.match(_OAUTH, first, re.IGNORECASE)
    if token is not None:
        return [first, *(f"{token[0]} {each}" if each.startswith("as ") else each for each in others)]
    scheme = re.match(r"(?:basic|bearer|token) ", first, re.IGNORECASE)
    return [first, *(f"{scheme[0]}{each}" if scheme and not _has_scheme(each) else each for each in others)]


def _has_scheme(credential: str) -> bool:
    return bool(re.match(r"\S+ |\?|\S+: ", credential))


def show(scene: Scene) -> None:
    """Let the row's request show its credential; an actor without one shows none."""
    credential = scene.row.given.get("credential")
    if credential is None:
        return
    if not isinstance(credential, str):
        raise CannotExpress(f"given.credential = {credential!r}")
    for part in re.split(r"\s+(?:\+|with|and)\s+", credential):
        _show(scene, part)


def _show(scene: Scene, part: str) -> None:
    if part in PLAIN:
        PLAIN[part](scene)
    elif re.fullmatch(_PAT, part):
        _basic(scene, scene.someone("a token").name, _term(scene, part))
    elif found := _OAUTH_AS.fullmatch(part):
        _by_oauth(scene, found["how"].lower(), _term(scene, part[: found.start("how") - len(" as ")]))
    elif found := _BASIC.fullmatch(part):
        _basic(scene, _term(scene, found["user"]), _term(scene, found["secret"]))
    elif found := _TOKEN.fullmatch(part):
        scene.headers.append(("Authorization", f"{found['scheme']} {_term(scene, found['secret'])}"))
    elif found := _QUERY.fullmatch(part):
        scene.query.append((found["name"], _term(scene, found["secret"])))
    elif found := _ONE_TIME.fullmatch(part):
        scene.headers.append((found["name"], OTP if found["good"] in {"valid", "good"} else "000000"))
    elif found := _HEADER.fullmatch(part):
        value = re.sub(_PAT, lambda token: _term(scene, token[0]), found["value"])
        scene.headers.append((found["name"], value))
    elif _OTHER.fullmatch(part):
        scene.headers.append(("Authorization", part))
    else:
        raise CannotExpress(f"given.credential = {scene.row.given['credential']!r}: {part!r}")


def _term(scene: Scene, text: str) -> str:
    """Return what a part of a credential stands for: `PAT(all)` is a new token, `'x'` is x, others are themselves."""
    text = text.strip()
    if found := re.fullmatch(_PAT, text):
        scopes = [scope.strip() for scope in (found["scopes"] or "all").split(",")]
        user = scene.someone("a token")
        # A release without scopes has full tokens alone.
        return user.token(scopes if scene.world.can(features.SCOPES) else None).secret
    if found := re.fullmatch(_OAUTH, text, re.IGNORECASE):
        scopes = [scope.strip() for scope in (found["scopes"] or "").split(",") if scope.strip()]
        return scene.someone("a token").oauth_token(scopes).secret
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return {
        "password": PASSWORD,
        "<password>": PASSWORD,
        "user": scene.actor.name if scene.actor else "user",
        "<user>": scene.actor.name if scene.actor else "user",
        "wrong-password": WRONG,
        "empty": "",
    }.get(text, text)


def _by_oauth(scene: Scene, how: str, secret: str) -> None:
    if how == "query":
        scene.query.append(("access_token", secret))
    elif how.startswith("basic user"):
        _basic(scene, secret, "x-oauth-basic")
    elif how.startswith("basic"):
        _basic(scene, scene.someone("a token").name, secret)
    else:
        scene.headers.append(("Authorization", f"{how} {secret}"))


def _basic(scene: Scene, user: str, secret: str) -> None:
    encoded = base64.b64encode(f"{user}:{secret}".encode()).decode()
    scene.headers.append(("Authorization", f"Basic {encoded}"))


def _nothing(_: Scene) -> None:
    """Show nothing."""


def _password(scene: Scene) -> None:
    _basic(scene, scene.someone("a password").name, PASSWORD)


def _wrong_password(scene: Scene) -> None:
    _basic(scene, scene.someone("a password").name, WRONG)


def _unknown_user(scene: Scene) -> None:
    _basic(scene, "no-such-user", PASSWORD)


def _unknown_token(scene: Scene) -> None:
    _basic(scene, scene.actor.name if scene.actor else "someone", UNKNOWN_TOKEN)


PLAIN: Mapping[str, Callable[[Scene], None]] = {
    "none": _nothing,
    "password": _password,
    **dict.fromkeys(("wrong-password", "wrong password", "bad-password", "bad password"), _wrong_password),
    **dict.fromkeys(("unknown-user", "unknown user"), _unknown_user),
    **dict.fromkeys(
        (f"{how}{gap}{what}" for how in ("wrong", "bad", "unknown") for gap in " -" for what in ("token", "PAT")),
        _unknown_token,
    ),
}

"""Phrases about tokens and trusted publishers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.conformance.pypi_phrases_words import AGE, NAME, aged, nothing
from tests.conformance.pypi_told import DEMO, Project

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from tests.conformance.pypi_phrases_words import Phrase
    from tests.conformance.pypi_told import Told


KINDS = {kind.lower(): kind for kind in ("GitHub", "GitLab", "Google", "ActiveState")}


def _token(kind: str, **facts: object) -> Phrase:
    """Return a phrase about what the request shows."""

    def say(told: Told, found: re.Match[str]) -> None:
        groups, token = found.groupdict(), told.token
        token.kind, told.last = kind, "token"
        for name, value in facts.items():
            setattr(token, name, value)
        if groups.get("kind"):
            token.publisher = KINDS[groups["kind"].lower()]
        for name in ("place", "environment", "workflow"):
            if groups.get(name):
                setattr(token, name, groups[name])
        if groups.get("name"):
            token.project = groups["name"]
            told.projects.setdefault(groups["name"], Project())

    return say


def _age(told: Told, found: re.Match[str]) -> None:
    """Let time go by for what the last phrase was about."""
    age = aged(found)
    if told.last == "token":
        told.token.age = age
    else:
        told.release().age = age


def _expired(told: Told, _: re.Match[str]) -> None:
    told.token.lasts, told.token.age = timedelta(hours=1), timedelta(hours=1, seconds=1)


def _lost(told: Told, _: re.Match[str]) -> None:
    told.token.kind = "minted"
    told.project().standing = "archived"


def _environment(told: Told, found: re.Match[str]) -> None:
    told.token.environment = found["environment"]


def _workflow(told: Told, found: re.Match[str]) -> None:
    told.token.workflow = found["workflow"]


def _attached(told: Told, found: re.Match[str]) -> None:
    told.token.project = found["name"]
    told.project(found["name"])


_A = r"(?:an? |the )?"
_KIND = r"(?P<kind>GitHub|GitLab|Google|ActiveState)"
TOKEN_PHRASES: Mapping[str, Phrase] = {
    r"(?:no|without|without any|missing|no valid) "
    r"(?:Authorization header|credentials?|auth|authentication|token)": _token("none"),
    r"anonymous|unauthenticated|not authenticated": _token("none"),
    rf"{_A}token whose record (?:was|is|has been) (?:deleted|removed)": _token("account", revoked=True),
    rf"{_A}(?:deleted|revoked|removed|burned) (?:account |API )?token": _token("account", revoked=True),
    rf"{_A}(?:account |API )?token (?:was|is|has been) (?:deleted|revoked|removed|burned)": _token(
        "account", revoked=True
    ),
    rf"{_A}(?:token (?:was )?never issued|unknown token|token (?:is )?unknown|(?:garbage|malformed) token)": _token(
        "unknown"
    ),
    rf"{_A}(?:project |API )?token (?:scoped|limited|restricted) to (?:project )?{NAME}": _token("project"),
    rf"{_A}(?:project|project-scoped|scoped) token (?:for|of) (?:project )?{NAME}": _token("project"),
    rf"{_A}(?:project|project-scoped) token": _token("project", project=DEMO),
    rf"{_A}(?:valid )?(?:freshly )?minted (?:{_KIND} )?token(?: for (?:project )?{NAME})?": _token("minted"),
    rf"{_A}(?:{_KIND} )?token minted (?:from|by|for|via|through) (?:an? |the )?"
    r"(?:OIDC|trusted publish(?:er|ing)|publisher)": _token("minted"),
    r"(?:an? )?(?:minted|OIDC) token,? (?:that (?:is|has) )?expired|(?:an? )?expired (?:minted|OIDC) token": _token(
        "minted", age=timedelta(seconds=901)
    ),
    r"(?:the |an? )?(?:trusted )?publisher(?: identity)?(?: that)?(?: has)? lost (?:the )?upload permission": _lost,
    r"(?:the )?(?:trusted )?publisher (?:was|has been) (?:removed|deleted)"
    r"(?: from (?:the )?(?:project|demo))?(?: after(?:wards| minting)?)?": _token("minted", disowned=True),
    r"(?:an? )?(?:identity is a |uploaded by a )?(?:trusted )?publisher(?: identity)?": _token("minted"),
    rf"{_A}{_KIND} publisher(?: (?P<place>[\w.-]+/[\w.-]+|\S+@\S+))?": _token("minted"),
    r"(?:workflow )?(?P<workflow>\S+\.ya?ml)": _workflow,
    r"environment (?P<environment>\S+)": _environment,
    r"no environment|iss https://\S+": nothing,
    rf"attached to (?:project )?{NAME}": _attached,
    rf"{_A}(?:account |API |user )?token (?:that )?(?:has |is |was )?expired": _expired,
    rf"{_A}expired (?:account |API |user )?token": _expired,
    rf"{_A}(?:account |API )?token (?:not prefixed with|without(?: the)?) (?:`?pypi-`?)(?: prefix)?": _token("unknown"),
    rf"{_A}token (?:of|from|for) another (?:index|site|registry|host)": _token("unknown"),
    rf"{_A}(?:garbled|garbage|unparsable|malformed|broken) Authorization header": _token("garbled"),
    r"(?:the )?Authorization header (?:is (?:garbage|garbled|malformed|unparsable)|cannot be parsed)": _token(
        "garbled"
    ),
    r"(?:an? |the )?user ?name(?:/| and )(?:an? )?password|basic (?!__token__)[\w-]+:(?!<)\S+": _token("password"),
    AGE: _age,
}
"""Patterns of a phrase, and what each says."""

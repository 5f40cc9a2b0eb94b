"""Phrases about projects: who owns them, what became of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.conformance.pypi_phrases_words import NAME, WHO, who
from tests.conformance.pypi_told import DEMO, SOMEONE_ELSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conformance.pypi_phrases_words import Phrase
    from tests.conformance.pypi_told import Told

_NAMES = re.compile(r", and |, | and | or ")


def _project(told: Told, found: re.Match[str]) -> None:
    told.project(found.groupdict().get("name") or "")


def _projects(told: Told, found: re.Match[str]) -> None:
    for name in _NAMES.split(found["names"]):
        told.project(name)


def _unknown(told: Told, found: re.Match[str]) -> None:
    name = found.groupdict().get("name") or ""
    told.absent.append(name)
    told.nothing = told.nothing or not name


def _standing(told: Told, found: re.Match[str]) -> None:
    told.project(found.groupdict().get("name") or "").standing = found["standing"].lower()


def _empty(told: Told, found: re.Match[str]) -> None:
    """Say that there are no files: of the release, if one is spoken of."""
    if told.last == "release" and not found.groupdict().get("name"):
        told.release().bare = True
        return
    told.project(found.groupdict().get("name") or "").empty = True


def _owned(told: Told, found: re.Match[str]) -> None:
    """Make somebody an owner."""
    owner, project = who(found) or told.caller, told.project(found.groupdict().get("name") or "")
    project.owners += [owner] if owner not in project.owners else []


def _maintained(told: Told, found: re.Match[str]) -> None:
    name, project = who(found) or told.caller, told.project(found.groupdict().get("name") or "")
    project.maintainers.append(name)
    project.owners = [owner for owner in project.owners if owner != name] or [_another(name)]


def _no_role(told: Told, found: re.Match[str]) -> None:
    name, project = who(found) or told.caller, told.project(found.groupdict().get("name") or "")
    project.owners = [owner for owner in project.owners if owner != name] or [_another(name)]


def _another(name: str) -> str:
    return SOMEONE_ELSE if name != SOMEONE_ELSE else "carol"


def _people(told: Told, found: re.Match[str]) -> None:
    """Name a project's owners, or its maintainers."""
    project = told.project()
    place = project.owners if found["role"].lower().startswith("own") else project.maintainers
    place += [name for name in _NAMES.split(found["people"]) if name not in place]
    if told.caller in project.maintainers and not project.owners:
        project.owners = [_another(told.caller)]


def _of_organization(told: Told, found: re.Match[str]) -> None:
    project = told.project(found.groupdict().get("name") or "")
    project.organization = found["organization"] or "acme"
    project.good_standing = not found["bad"]


def _bad_organization(told: Told, _: re.Match[str]) -> None:
    project = told.project()
    project.organization, project.good_standing = project.organization or "acme", False


def _deleted(told: Told, found: re.Match[str]) -> None:
    name = found.groupdict().get("name") or told.last_project or DEMO
    told.last_project, told.last = name, "project"
    told.deleted.append((name, who(found) or told.caller))
    if name not in told.projects:
        told.absent.append(name)


def _registered_again(told: Told, found: re.Match[str]) -> None:
    name = told.last_project or DEMO
    told.absent = [absent for absent in told.absent if absent != name]
    told.project(name).owners = [who(found) or told.caller]


def _had_uploaded(told: Told, found: re.Match[str]) -> None:
    told.burned.append(found["file"])


def _limit(key: str) -> Phrase:
    def say(told: Told, found: re.Match[str]) -> None:
        told.project(found.groupdict().get("name") or "").limits[key] = _bytes(found)

    return say


def _stored(told: Told, found: re.Match[str]) -> None:
    told.project(found.groupdict().get("name") or "").stored = _bytes(found)


def _bytes(found: re.Match[str]) -> int:
    units = {"": 1, "B": 1, "K": 1024, "M": 1024**2, "G": 1024**3}
    return int(found["count"]) * units[(found["unit"] or "")[:1].upper()]


def _prohibited(told: Told, found: re.Match[str]) -> None:
    told.prohibited.append(found["name"] or "")
    told.absent.append(found["name"] or "")


_A = r"(?:an? |the )?"
_THE = rf"(?:(?:the )?(?:project )?(?:name )?{NAME}|(?:an?|the) (?:existing )?project|project|it)"
_ROLE = r"(?:(?:the |an? )?(?:also )?(?:sole |only )?)"
_MEMBER = r"(?:owner|maintainer|collaborator|member)"
_NO_ROLE = r"(?:has no (?:role|permission|rights?)|has nothing)"
_TOKEN = r"(?:an? |the )?(?:valid )?(?:account )?token"
_SIZE = r"(?P<count>[0-9]+) ?(?P<unit>(?:[KMG]i?)?B|bytes)?"
_NAMED = r"(?!(?:archived|quarantined|active|unknown|free|empty|deleted|exists?)\b)"
PROJECT_PHRASES: Mapping[str, Phrase] = {
    rf"{_A}(?P<standing>archived|quarantined|active)(?: project)?(?: {_NAMED}{NAME})?": _standing,
    rf"{_THE}(?: is| was| has been)? (?P<standing>archived|quarantined|active)": _standing,
    rf"(?:project )?(?:name )?(?:{NAME} )?(?:is )?"
    r"(?:unknown|free|absent|unregistered|not registered|not found|new)": _unknown,
    rf"(?:project |name )?(?:{NAME} )?(?:does not|doesn't) exist(?: yet)?": _unknown,
    rf"no (?:such )?projects?(?: (?:named|called) {NAME})?": _unknown,
    rf"{_A}(?:unknown|new|absent) (?:project|name)|nothing(?: uploaded)?": _unknown,
    rf"{_A}empty index|{_A}index(?: is)? empty": _unknown,
    rf"(?:{_THE} )?(?:has |is |with |that has )?"
    r"(?:no|without(?: any)?) (?:files|releases|uploads|files or releases)": _empty,
    rf"{_A}empty project(?: {_NAMED}{NAME})?": _empty,
    rf"(?:project )?(?:the )?(?:name )?(?:{NAME} )?(?:is )?(?:a )?prohibited(?: name)?": _prohibited,
    rf"{_A}prohibited name:? {NAME}": _prohibited,
    rf"(?:project )?name {NAME}": _unknown,
    # Who owns them.
    rf"{WHO} (?:also )?(?:owns|is {_ROLE}owner of) (?:the )?(?:project )?{NAME}": _owned,
    rf"{_THE}(?: exists,?)? (?:is |was )?(?:owned|registered|taken) by (?:someone|somebody) else": _no_role,
    rf"{_THE} (?:is |was )?(?:owned by|belongs to) (?!(?:an? |the )?organi[sz]ation){WHO}": _owned,
    rf"(?:is |was )?(?:owned|registered|taken) by {WHO}": _owned,
    r"(?P<role>owner|maintainer)s? (?P<people>[\w-]+(?:(?:, and |, | and )(?!maintainer|owner)[\w-]+)*)": _people,
    r"(?:is )?(?P<role>owned|maintained) by (?P<people>[\w-]+)": _people,
    rf"{_TOKEN} of (?:an? |the )?maintainer(?: of (?:project )?{NAME})?": _maintained,
    rf"{_TOKEN} of (?:an?|another|some other) (?:other )?user"
    rf"(?: (?:without (?:an? |any )?role|who is not (?:an? )?{_MEMBER})"
    rf"(?: (?:of|on|in) (?:project )?{NAME})?)?": _no_role,
    rf"{WHO} (?:is|is also) {_A}maintainer of (?:the )?(?:project )?{NAME}": _maintained,
    rf"{WHO} (?:is (?:neither owner nor maintainer|not {_A}{_MEMBER}) of|{_NO_ROLE} (?:on|in|for)|"
    rf"does not own|doesn't own) (?:the )?(?:project )?{NAME}": _no_role,
    rf"{WHO} (?:{_NO_ROLE}|is (?:no|not an?) {_MEMBER}|is neither owner nor maintainer)"
    r"(?: (?:on|in|of) it)?": _no_role,
    rf"{_THE} (?:is |was )?(?:owned by|belongs to|of) (?:an? |the )?(?P<bad>inactive )?organi[sz]ation"
    r"(?: (?P<organization>(?!that|which|not|in|is)[\w-]+))?": _of_organization,
    rf"(?:the )?(?:owning )?organi[sz]ation(?: (?:that owns|owning|of) (?:project )?{NAME})?(?: is)? "
    r"(?:not in good standing|inactive|suspended|unpaid)|not in good standing": _bad_organization,
    # What became of them.
    rf"{_THE}(?: was| has been| is)? deleted(?: by {WHO})?|{_A}deleted project": _deleted,
    rf"{_A}deleted project {NAME}": _deleted,
    rf"(?:was |has been )?(?:then )?re-?(?:registered|created)(?: by {WHO})?": _registered_again,
    rf"{WHO} (?:had|has) uploaded (?P<file>\S+)(?: before)?": _had_uploaded,
    rf"(?:the )?file (?:size )?limit(?: of {_THE})? (?:is|(?:was )?raised to) {_SIZE}": _limit("max_file_bytes"),
    rf"{_THE}(?: has a|'s) file (?:size )?limit (?:of|is) {_SIZE}": _limit("max_file_bytes"),
    rf"(?:the )?(?:project|total)(?: size)? limit of {_THE} is {_SIZE}": _limit("max_total_bytes"),
    rf"{_THE} has a (?:total|project) (?:size )?limit of {_SIZE}": _limit("max_total_bytes"),
    rf"{_THE}(?: already)? (?:holds|has|stores|contains)(?: already)? {_SIZE}(?: of files| stored| in total)?": _stored,
    rf"(?:the )?(?:project(?:'s)? )?total(?: size)?(?: of (?:project )?{NAME})? (?:is )?(?:already )?{_SIZE}": _stored,
    # That they are there: last, for a name is nearly any word.
    r"projects (?P<names>[\w.-]+(?:(?:, and |, | and )[\w.-]+)+)(?: exist)?": _projects,
    rf"(?:the |an? )?(?:existing )?project {_NAMED}{NAME}(?: already)?(?: exists| is there)?": _project,
    rf"{NAME}(?: already)? exists|(?:an? |the )?(?:existing )?project(?: already)?(?: exists)?": _project,
}
"""Patterns of a phrase, and what each says."""

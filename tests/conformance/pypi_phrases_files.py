"""Phrases about releases and their files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.conformance.pypi_phrases_words import AGE, NAME, aged, nothing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conformance.pypi_phrases_words import Phrase
    from tests.conformance.pypi_told import Told

_LIST = re.compile(r", and |, | and ")
_FILE_VERSION = re.compile(r"[\w.]+?-(?P<version>[0-9][^-]*?)(?:-.*\.whl|\.tar\.gz|\.zip)")


def _release(told: Told, found: re.Match[str]) -> None:
    groups = found.groupdict()
    if groups.get("name"):
        told.project(groups["name"])
    for version in _LIST.split(groups.get("versions") or groups.get("version") or ""):
        told.release(version)


def _of(told: Told, found: re.Match[str]) -> str:
    """Return the version of which a phrase speaks, its project being spoken of from now on."""
    groups = found.groupdict()
    if groups.get("name"):
        told.project(groups["name"])
    return groups.get("version") or ""


def _yanked(told: Told, found: re.Match[str]) -> None:
    reason = (found.groupdict().get("reason") or "").strip()
    reason = "" if reason.lower() in {"empty", "none"} else reason
    quoted = re.fullmatch(r"(['\"])(?P<text>[^'\"]*)\1", reason)
    told.release(_of(told, found)).yanked = quoted["text"] if quoted else reason


def _all_yanked(told: Told, found: re.Match[str]) -> None:
    told.release()
    for version in list(told.project().releases):
        told.last_release = version
        _yanked(told, found)


def _changed(**facts: object) -> Phrase:
    def say(told: Told, found: re.Match[str]) -> None:
        for name, value in facts.items():
            setattr(told.release(_of(told, found)), name, value)

    return say


def _aged(told: Told, found: re.Match[str]) -> None:
    told.release(_of(told, found)).age = aged(found)


def _kinds(told: Told, found: re.Match[str]) -> None:
    """Say of which kinds the files of the last releases are: of all of them, if they were named together."""
    told.release()
    project, text = told.project(), found[0].lower()
    kinds = [kind for kind in ("sdist", "wheel") if kind in text]
    both = len(kinds) > 1 or "only" in text
    for version, release in project.releases.items():
        if version == told.last_release or both:
            release.kinds += [kind for kind in kinds if kind not in release.kinds]
    told.last = "release"


def _has_kind(told: Told, found: re.Match[str]) -> None:
    told.release(_of(told, found)).kinds.append(found["kind"].lower())


def _has_file(told: Told, found: re.Match[str]) -> None:
    """Let a release have a file of a certain name, which says its version if nothing else does."""
    known = _FILE_VERSION.fullmatch(found["file"])
    told.release(_of(told, found) or (known["version"] if known else "")).filenames.append(found["file"])


def _requires(told: Told, found: re.Match[str]) -> None:
    told.release().requires_python = found["specifier"].strip("'\"")


def _serial(told: Told, found: re.Match[str]) -> None:
    told.project(found["name"] or "")
    told.serial = int(found["serial"])


def _copy(how: str) -> Phrase:
    def say(told: Told, _: re.Match[str]) -> None:
        if how not in told.copies:
            told.copies.append(how)

    return say


def _burned(told: Told, found: re.Match[str]) -> None:
    told.burned.append(found.groupdict().get("file") or "")


def _fine(told: Told, found: re.Match[str]) -> None:
    told.release(found["version"])


_VERSION = r"(?P<version>[0-9][\w.!+]*)"
_VERSIONS = r"(?P<versions>[0-9][\w.!+]*(?:(?:, and |, | and )[0-9][\w.!+]*)*)"
_A = r"(?:an? |the |one |any |only )*"
_OF = rf"(?:(?:of )?(?:project )?{NAME} )?"
_REL = rf"{_A}(?:release )?(?:{_VERSION})?(?: of (?:project )?{NAME})?"
_BE = r" ?(?:is |was |has been )?"
_KIND = r"(?P<kind>sdist|wheel)"
_FILE = r"(?P<file>[\w.+!-]+\.(?:tar\.gz|whl|zip))"
_EXISTS = r"(?: already)?(?: exists?| is (?:there|stored)|(?: was| is)?(?: already)? ?uploaded(?: before| already)?)?"
_SAME = r"(?:(?:the |an? )?(?:same|identical))"
_BYTES, _INDEX, _WAS = "(?:bytes|content)", "(?: anywhere in the index)?", "(?:was|has been|had been)"
_USED = r"used(?: before)?(?: (?:by|for) a (?:deleted )?file(?: that (?:was|has)(?: since)?(?: been)? deleted)?)?"
FILE_PHRASES: Mapping[str, Phrase] = {
    rf"{_REL}{_BE}(?:yanked|taken back)(?: without(?: a| any)? reason| with (?:no|an empty) reason)?": _yanked,
    r"(?:(?:all|both) (?:releases )?|all of them |every release )(?:are |is |were )?yanked"
    r"(?:,? (?:with |the )*reason (?P<reason>.+))?": _all_yanked,
    r"(?:an? |the )?file (?:is |was )?yanked(?: with (?:the )?reason (?P<reason>.+))?": _yanked,
    rf"{_REL}{_BE}yanked(?: with|,)? ?(?:the |a )?(?:reason|because)(?: of)?:? "
    r"(?P<reason>(?:(?!,? and [0-9]+ days? old).)+)": _yanked,
    rf"(?:release )?(?:{_VERSION} )?(?:is |was )?(?:later |then )?(?:not yanked|unyanked)(?: again)?": _changed(
        yanked=None
    ),
    rf"(?:an? |the |only )*release(?: {_VERSION})?(?: of (?:project )?{NAME})?{_BE}quarantined": _changed(
        quarantined=True
    ),
    rf"{_VERSION}{_BE}quarantined": _changed(quarantined=True),
    rf"(?:an? |the )?release(?: {_VERSION})?(?: of (?:project )?{NAME})?{_BE}deleted|deleted": _changed(deleted=True),
    rf"{_VERSION}(?: is)? (?:fine|ok|active|not(?: quarantined| yanked)?|untouched)": _fine,
    rf"(?:an? |the )?release(?: {_VERSION})?(?: of (?:project )?{NAME})?(?: that)? {AGE}": _aged,
    # Their files.
    rf"(?:{_REL} )?(?:already )?(?:has|contains|holds)(?: already)? (?:the )?(?:file )?{_FILE}": _has_file,
    rf"(?:file |filename )?{_FILE}{_EXISTS}": _has_file,
    rf"(?:{_REL} )?(?:already )?(?:has|contains)(?: already)? (?:an?|one) {_KIND}": _has_kind,
    r"(?:an? |one |only |both |its )*(?:sdist|wheel)s?(?: only)?"
    r"(?: and (?:an? |one )?(?:sdist|wheel)s?)?(?: each)?": _kinds,
    rf"(?:an? |one )?file(?: with(?:out)? provenance){_EXISTS}": lambda told, found: _changed(
        provenance="without" not in found[0]
    )(told, found),
    r"(?:with )?(?:provenance|attestations)": _changed(provenance=True),
    r"(?:without|no) (?:provenance|attestations)": _changed(provenance=False),
    r"(?:one |an? )?(?P<kind>sdist|wheel|file) (?:without|with no) requires[-_ ]python": lambda told, found: (
        told.release().kinds.extend([] if found["kind"] == "file" else [found["kind"].lower()])
    ),
    r"(?:without|no) requires[-_ ]python": _changed(requires_python=""),
    r"requires[-_ ]python:?(?: is| =)? ?(?P<specifier>['\"]?[<>=!~].*)": _requires,
    rf"(?:the )?last serial(?: of (?:the project|{NAME}))?(?: is)? (?P<serial>[0-9]+)": _serial,
    # The request's own file.
    rf"{_SAME} file ?name(?:,| with| and|, with) (?:the )?(?:same|identical) {_BYTES}{_EXISTS}": _copy("same"),
    rf"{_SAME} file{_EXISTS}": _copy("same"),
    rf"{_SAME} file ?name(?:,| with| and|, with)? (?:an? )?(?:other|different|new) {_BYTES}{_EXISTS}": _copy(
        "other bytes"
    ),
    rf"{_SAME} file ?name(?: again)?{_EXISTS}": _copy("other bytes"),
    rf"(?:a file of )?{_SAME} {_BYTES}(?: already)?(?: exists?)?{_INDEX} (?:under|with|of|in) another "
    rf"(?:file ?)?name{_INDEX}": _copy("other name"),
    rf"{_SAME} {_BYTES}(?: already)?(?: exists?)? (?:in|under) another project"
    r"(?: under another (?:file ?)?name)?": _copy("other project"),
    rf"{_SAME} {_BYTES}(?: already)?(?: exists?)? under another (?:file ?)?name in another project": _copy(
        "other project"
    ),
    rf"(?:the )?(?:file|file ?name) (?:{_FILE} )?{_WAS} (?:previously )?(?:deleted|burned|{_USED})"
    r"(?: before| earlier)?": _burned,
    rf"{_FILE} {_WAS} (?:uploaded (?:and|then) )?(?:since )?(?:deleted|burned)(?: before| earlier)?": _burned,
    rf"{_SAME} file ?name(?: {_WAS})? (?:uploaded and )?(?:deleted|burned)(?: before| earlier)?": _burned,
    r"(?:an? )?(?:new|other|fresh|unused) file ?name": nothing,
    r"(?:the )?(?:sdist|wheel|file) (?:is |was )?not (?:yet )?uploaded(?: yet)?": nothing,
    # That they are there: last, for they are short.
    rf"{_A}(?:(?:pre-?|final )?releases?|versions?) {_VERSIONS}(?: of (?:project )?{NAME})?{_EXISTS}": _release,
    rf"{_OF}(?:has|with) (?:only )?(?:releases?|versions?) {_VERSIONS}": _release,
    rf"(?:(?:project )?{NAME} )?{_VERSION}{_EXISTS}": _release,
    r"(?:an? |one |the )?release(?: exists)?": _release,
}
"""Patterns of a phrase, and what each says."""

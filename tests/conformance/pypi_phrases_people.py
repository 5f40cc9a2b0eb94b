"""Phrases about accounts and the index's switches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.conformance.pypi_phrases_words import NOBODY, WHO, nothing, who

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conformance.pypi_phrases_words import Phrase
    from tests.conformance.pypi_told import Told


def _account(**facts: bool) -> Phrase:
    def say(told: Told, found: re.Match[str]) -> None:
        for name, value in facts.items():
            setattr(told.person(who(found)), name, value)

    return say


def _frozen(told: Told, found: re.Match[str]) -> None:
    told.person(who(found)).frozen = True


def _switch(**settings: object) -> Phrase:
    return lambda told, _: told.settings.update(settings)


def _begun(told: Told, found: re.Match[str]) -> None:
    told.begun["ip" if found["ip"] else f"user {who(found) or told.caller}"] = int(found["count"])


def _limit_reached(told: Told, _: re.Match[str]) -> None:
    told.begun[f"user {told.caller}"] = 20


def _calls(told: Told, found: re.Match[str]) -> None:
    groups = found.groupdict()
    name = who(found) or groups.get("whom") or ""
    told.caller = name if name and not re.search(rf"^{NOBODY}", name) and " " not in name else told.caller


_WHOM = WHO.replace("?P<who>", "?P<whom>")
_CAN = r"(?: has| is| with|'s)?(?: an?| the| its| her| his)?"
_MAIL = r"(?:primary )?(?:e-?mail)(?: address)?"
_TWO = r"(?:2FA|two[- ]factor(?: authentication)?)"
_ON, _OFF = r"(?: flag| mode| switch)?(?: is)?(?: on| enabled| set| active)?", r"(?: is| are)? ?(?:off|disabled|closed)"
_FLAG = r"(?:(?:the |admin )?flag )?"
_TOKEN = r"(?:a |an |the |with )?(?:valid |good )?(?:account |user |account-wide |API )*token"
_HOUR = r"(?: (?:in|within) (?:the last|the|an|one) hour| this hour)?"
_BEGAN = r" (?:has |had )?(?:already )?(?:created|began|registered) (?P<count>[0-9]+) (?:new )?projects" + _HOUR
PEOPLE_PHRASES: Mapping[str, Phrase] = {
    r"any(?:thing| (?:user|credentials?|token|account|caller|client|project|file|request|era|world))?": nothing,
    r"(?:authenticated|enabled|none|everything|default(?: world)?)": nothing,
    r"(?:valid (?:token|credentials?)|same (?:owner|user))": nothing,
    r"(?:the |an? )?(?:file|form|request|upload|body|metadata)(?: is)? ?(?:in|mal)?(?:valid|formed)?"
    r"(?: (?:in|mal)?(?:valid|formed)(?: form)?)?": nothing,
    r"(?:an? )?(?:in)?valid (?:form|file|upload|name|metadata)": nothing,
    r"authenticated (?:as )?(?:the |an? )?(?:owner|user)(?: of (?:the )?(?:project )?(?:demo|project))?": nothing,
    rf"{_TOKEN}(?: of (?:its|the|demo's|the project's|an?) (?:project )?(?:owner|user))?": nothing,
    rf"(?:(?:the |its )?(?:project )?owner|user)'s (?:{_TOKEN})": nothing,
    r"no publishers?(?: (?:is )?registered| at all)?": nothing,
    r"(?:trusted publishing )?(?:is )?(?:enabled|on)": nothing,
    r"basic (?P<user>[\w-]+):<valid token>": nothing,
    r"(?:profile )?reason ?= ?canonical": _switch(reason="canonical"),
    r"(?:profile )?reason ?= ?message": _switch(reason="message"),
    # Switches.
    rf"{_FLAG}read[- ]only{_ON}": _switch(read_only=True),
    rf"(?:the )?(?:new[- ])?uploads?(?: flag)?{_OFF}": _switch(disallow_new_upload=True),
    rf"{_FLAG}disallow[-_ ]new[-_ ]uploads?{_ON}": _switch(disallow_new_upload=True),
    rf"(?:the )?(?:new[- ])?(?:project[- ])?registration(?: flag)?{_OFF}": _switch(
        disallow_new_project_registration=True
    ),
    rf"{_FLAG}disallow[-_ ]new[-_ ]project[-_ ]registration{_ON}": _switch(disallow_new_project_registration=True),
    rf"(?:PEP ?740|attestations?|provenance)(?: flag| support)?(?: temporarily)?{_OFF}": _switch(disable_pep740=True),
    rf"{_FLAG}disable[-_ ]pep[-_ ]?740{_ON}": _switch(disable_pep740=True),
    rf"(?P<ip>the address|(?:the |the same |one |this )?(?:IP|address)(?: address)?){_BEGAN}": _begun,
    rf"(?P<ip>)?{WHO}{_BEGAN}": _begun,
    rf"(?P<count>[0-9]+) (?:new )?projects (?:were |was )?(?:already )?(?:created|registered) "
    rf"(?:by {WHO}|from (?P<ip>(?:the |the same |one |this )?(?:IP|address)(?: address)?)){_HOUR}": _begun,
    r"(?:the )?(?:project )?creation (?:rate )?limit(?: of (?:the|this) user)?(?: is| was)? "
    r"(?:reached|exceeded|used up|exhausted)": _limit_reached,
    # Accounts.
    rf"{WHO}{_CAN} ?(?:not verified|unverified|no verified) {_MAIL}": _account(email_verified=False),
    rf"{WHO} without (?:an? |any )?(?:verified )?{_MAIL}": _account(email_verified=False),
    rf"{WHO}(?: has| did) not verif(?:y|ied) (?:the |her |his |their )?{_MAIL}": _account(email_verified=False),
    rf"(?:{WHO}'s |the )?{_MAIL}(?: is| of {WHO.replace('who', 'whose')} is)? (?:not verified|unverified)": _account(
        email_verified=False
    ),
    rf"(?:without |no |an? )?(?:unverified |verified |a verified ){_MAIL}": lambda told, found: _account(
        email_verified=found[0].lower().startswith(("verified", "a verified"))
    )(told, found),
    rf"{WHO}{_CAN} ?verified {_MAIL}": _account(email_verified=True),
    rf"(?:{WHO}(?: has| is|'s)? )?(?:with)?(?:no|out|without) {_TWO}": _account(two_factor=False),
    rf"(?:{WHO}'s )?{_TWO}(?: is)? (?:off|disabled|not enabled|missing)": _account(two_factor=False),
    rf"(?:{WHO}(?: has| with)? )?{_TWO}(?: (?:is )?(?:on|enabled))?": _account(two_factor=True),
    rf"(?:{_TOKEN} of )?(?:an? |the )?(?:frozen|disabled|deactivated|inactive) (?:user|account|owner)": _frozen,
    rf"{WHO}(?:'s account)?(?: is| was)? (?:frozen|disabled|deactivated|inactive)": _frozen,
    rf"{_TOKEN} of {WHO}|{_WHOM}'s (?:{_TOKEN})": _calls,
    rf"(?:upload(?:ed|ing)? |request )?(?:by|as) {WHO}|{_WHOM} uploads(?: to (?:project )?demo)?": _calls,
}
"""Patterns of a phrase, and what each says."""

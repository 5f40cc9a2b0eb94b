"""A registry's own words out of the body of its reply, whatever that is: JSON, a page, or plain text."""

from __future__ import annotations

import json
import re
from html import unescape

_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.IGNORECASE | re.DOTALL)
# WebOb's template: its heading has the message as it is, what stands below is escaped.
_DETAIL = re.compile(r"</h1>.*?<br ?/><br ?/>\s*(.*?)\s*</body>", re.IGNORECASE | re.DOTALL)
_HEAD = re.compile(r"<head\b.*?</head>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_NUMBER = re.compile(r"^[1-5][0-9]{2} ")
_TOLD = ("message", "error_description", "error", "detail", "errors")
"""Members of JSON that hold a message for people, the most telling first."""
LONGEST = 2000
"""Characters of a message that are kept."""


def own_words(body: str, reason: str = "") -> str:
    """Return what a reply says to a person, in one line.

    Args:
        body: of the reply.
        reason: the phrase in its status line, which is all that some replies say.
    """
    text = _of_json(body) or _of_page(body)
    line = " ".join(_NUMBER.sub("", text.strip()).split())
    return (line or reason)[:LONGEST]


def _of_json(body: str) -> str:
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    if isinstance(told, dict):
        told = next((told[name] for name in _TOLD if told.get(name)), told)
    return told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)


def _of_page(body: str) -> str:
    detail, heading = _DETAIL.search(body), _HEADING.search(body)
    if detail is not None and detail[1]:
        return unescape(detail[1])
    if heading is not None:
        return unescape(_TAG.sub(" ", heading[1]))
    if "<html" in body.lower():
        body = unescape(_TAG.sub(" ", _HEAD.sub("", body)))
    return body

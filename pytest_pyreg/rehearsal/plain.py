"""Verdicts as plain data for programs: dictionaries, lists, texts, numbers and booleans; docs/rehearse.md has the list.

A field is added now and then; one that is there keeps its name and its meaning as long as `format` is the same.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pytest_pyreg.rehearsal.conclusion import untried

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_pyreg.exchanges import Exchange
    from pytest_pyreg.rehearsal.verdicts import Checked, Objection, Rehearsal, Verdict

FORMAT = 1
Plain = dict[str, Any]


def rehearsed(rehearsal: Rehearsal) -> Plain:
    """Return a rehearsal."""
    return {
        "format": FORMAT,
        "kind": "rehearsal",
        "failed": rehearsal.failed,
        "untried": untried(rehearsal),
        "project": rehearsal.project,
        "version": rehearsal.version,
        "files": [{"name": name, "size": size} for name, size in rehearsal.files],
        "remarks": list(rehearsal.remarks),
        "clients": list(rehearsal.clients),
        "began": rehearsal.began.isoformat(),
        "seconds": round(rehearsal.seconds, 3),
        "flavours": [
            {
                "flavour": performance.flavour,
                "failed": performance.failed,
                "acts": [_verdict(verdict) for verdict in performance.verdicts],
            }
            for performance in rehearsal.performances
        ],
    }


def checked(results: Sequence[Checked]) -> Plain:
    """Return what files were found to be."""
    return {
        "format": FORMAT,
        "kind": "check",
        "failed": any(one.failed for one in results),
        "results": [
            {
                "flavour": one.flavour,
                "file": one.filename,
                "failed": one.failed,
                "answer": one.answer,
                "objections": [_objection(each) for each in one.objections],
            }
            for one in results
        ],
    }


def _verdict(verdict: Verdict) -> Plain:
    return {
        "act": verdict.act,
        "outcome": verdict.outcome.name.lower(),
        "failed": verdict.outcome.failed,
        "summary": verdict.summary,
        "objections": [_objection(one) for one in verdict.objections],
        "command": verdict.command,
        "output": verdict.output,
        "began": verdict.began.isoformat() if verdict.began is not None else None,
        "seconds": round(verdict.seconds, 3),
        "requests": [request(one) for one in verdict.exchanges],
    }


def _objection(objection: Objection) -> Plain:
    return {"file" if key == "filename" else key: value for key, value in asdict(objection).items()}


def request(exchange: Exchange) -> Plain:
    """Return a request and its reply, without headers."""
    return {
        "at": exchange.at.isoformat(),
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "reason": exchange.reason,
        "who": exchange.who,
        "why": exchange.why,
    }

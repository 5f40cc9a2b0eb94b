"""A rehearsal as one HTML page: verdicts at a glance, what to mend, the requests in time, and everything on demand.

The page loads nothing and runs nothing.  All that comes from elsewhere, such as names, words and output, is escaped
here and nowhere else; secrets were left out when the notes were taken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_pyreg.rehearsal.conclusion import untried
from pytest_pyreg.rehearsal.page_style import STYLE
from pytest_pyreg.rehearsal.page_timeline import look, timeline
from pytest_pyreg.rehearsal.table import TELLING, groups
from pytest_pyreg.rehearsal.verdicts import AGAIN, Outcome, merged
from pytest_pyreg.rehearsal.visible import escaped as escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_pyreg.exchanges import Exchange
    from pytest_pyreg.rehearsal.verdicts import Objection, Performance, Rehearsal, Verdict

_SIGNS = {"good": "\u2713", "bad": "\u2717", "open": "?", "none": "\u2013"}
_KIB = 1024
_CODE = re.compile("`([^`]+)`")


def rehearsed(rehearsal: Rehearsal) -> str:
    """Return the page."""
    return "\n".join(_page(rehearsal)) + "\n"


def _page(rehearsal: Rehearsal) -> Iterator[str]:
    title = f"{rehearsal.project} {rehearsal.version}"
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>{escape(title)}: a rehearsal</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>"
    yield f"<h1>{escape(rehearsal.project)} <small>{escape(rehearsal.version)}</small></h1>"
    yield _banner(rehearsal)
    yield f'<p class="faint">{_facts(rehearsal)}</p>'
    yield "<h2>Verdicts</h2>"
    yield from _matrix(rehearsal)
    troubles = groups(rehearsal)
    for title, failed in (("What was said, and what to do", True), ("Worth knowing", False)):
        told = [one for one in troubles if one[0].outcome.failed is failed]
        if told:
            yield f"<h2>{title}</h2>"
        for verdict, flavours in told:
            yield from _trouble(verdict, flavours)
    yield '<h2>The requests, in time</h2>\n<div class="card">'
    yield from timeline(rehearsal)
    yield '<p class="faint">A bar is an act, a tick a request; a red tick was refused. Hold the pointer over one.</p>'
    yield "</div>\n<h2>Everything</h2>"
    for number, performance in enumerate(rehearsal.performances):
        yield from _performance(number, performance)
    yield "<h2>How this was done</h2>"
    for remark in (*rehearsal.remarks, f"With {', '.join(rehearsal.clients)}."):
        yield f'<p class="remarks">{escape(remark)}</p>'
    yield "</main>\n</body>\n</html>"


def _banner(rehearsal: Rehearsal) -> str:
    unfit = [one.flavour for one in rehearsal.performances if one.failed]
    if unfit:
        return f'<p class="banner bad">\u2717 Not fit for {escape(", ".join(unfit))}</p>'
    open_ends = "; ".join(untried(rehearsal))
    if open_ends:
        return f'<p class="banner open">? Every registry would take this release; not tried: {escape(open_ends)}</p>'
    return '<p class="banner good">\u2713 Every registry would take this release, and it works.</p>'


def _facts(rehearsal: Rehearsal) -> str:
    files = [f"<code>{escape(name)}</code> ({_size(size)})" for name, size in rehearsal.files]
    when = f'<time datetime="{rehearsal.began.isoformat()}">{rehearsal.began:%Y-%m-%d %H:%M} UTC</time>'
    return f"{', '.join(files)} \u00b7 {when} \u00b7 {rehearsal.seconds:.0f} seconds"


def _size(size: int) -> str:
    return f"{size / _KIB:.1f} KiB" if size < _KIB * _KIB else f"{size / _KIB / _KIB:.1f} MiB"


def _matrix(rehearsal: Rehearsal) -> Iterator[str]:
    acts = [verdict.act for verdict in rehearsal.performances[0].verdicts]
    heads = "".join(f'<th scope="col">{escape(act)}</th>' for act in acts)
    yield f'<div class="card scroll"><table class="matrix">\n<thead><tr><td></td>{heads}</tr></thead>\n<tbody>'
    for number, performance in enumerate(rehearsal.performances):
        yield f'<tr><th scope="row">{escape(performance.flavour)}</th>'
        for place, verdict in enumerate(performance.verdicts):
            telling = verdict.act in TELLING or verdict.outcome is not Outcome.FINE
            more = f"<small>{escape(verdict.summary)}</small>" if telling else ""
            link = f'class="{look(verdict)}" href="#{_anchor(number, place)}"'
            yield f"<td><a {link}><b>{_sign(verdict)}</b>{more}</a></td>"
        yield "</tr>"
    yield "</tbody></table></div>"


def _sign(verdict: Verdict) -> str:
    word = "not tried" if verdict.outcome is Outcome.SKIPPED else verdict.outcome.value
    if verdict.act == AGAIN and look(verdict) == "open":
        word = "worth knowing"  # Neither a failure nor well.
    return f"{_SIGNS[look(verdict)]} {escape(word)}"


def _anchor(number: int, place: int) -> str:
    return f"act-{number}-{place}"


def _trouble(verdict: Verdict, flavours: Iterable[str]) -> Iterator[str]:
    chip = f'<span class="chip {look(verdict)}">{escape(verdict.summary)}</span>'
    known = "" if verdict.outcome.failed else " known"
    yield f'<div class="card{known}"><h3>{escape(verdict.act)}: {escape(", ".join(flavours))} {chip}</h3>'
    yield from _objections(verdict.objections)
    yield "</div>"


def _objections(objections: Iterable[Objection]) -> Iterator[str]:
    behind = False
    for files, one in merged(objections):
        if not one.said and not behind:
            yield '<p class="faint">Behind this, and said next if it is mended:</p>'
        behind = not one.said
        kind = "behind" if behind else "said"
        file = "".join(f"<code>{escape(name)}</code> " for name in files)
        who = f"{escape(one.answer or one.by)}" if one.said else ""
        yield f'<div class="{kind}"><p>{file}{who}</p><blockquote>{escape(one.words)}</blockquote>'
        if one.why:
            yield f"<p>Because {escape(one.why.rstrip('.'))}.</p>"
        if one.advice:
            advice = _CODE.sub(r"<code>\1</code>", escape(one.advice))
            yield f'<p class="do">{advice}</p>'
        yield "</div>"


def _performance(number: int, performance: Performance) -> Iterator[str]:
    opened = " open" if performance.failed else ""
    kind, word = ("bad", "not fit") if performance.failed else ("good", "ok")
    yield (
        f'<details class="card"{opened}><summary><b>{escape(performance.flavour)}</b> '
        f'<span class="chip {kind}">{word}</span></summary>'
    )
    for place, verdict in enumerate(performance.verdicts):
        opened = " open" if verdict.outcome.failed else ""
        chip = f'<span class="chip {look(verdict)}">{_sign(verdict)}</span>'
        yield (
            f"<details{opened}><summary>{escape(verdict.act)} {chip} {escape(verdict.summary)} "
            f'<span class="faint">{verdict.seconds:.1f} s</span></summary>\n'
            f'<div class="act" id="{_anchor(number, place)}">'
        )
        yield from _objections(verdict.objections)
        printed = "\n".join(filter(None, (f"$ {verdict.command}" if verdict.command else "", verdict.output)))
        if printed:
            yield f"<pre>{escape(printed)}</pre>"
        yield from _requests(verdict.exchanges)
        yield "</div></details>"
    yield "</details>"


def _requests(exchanges: Iterable[Exchange]) -> Iterator[str]:
    rows = [
        f"<tr><td><code>{escape(one.method)} {escape(one.path)}</code></td><td>{one.status} {escape(one.reason)}</td>"
        f"<td>{escape(one.who)}</td><td>{escape(one.why)}</td></tr>"
        for one in exchanges
    ]
    if rows:
        heads = "".join(f'<th scope="col">{name}</th>' for name in ("request", "reply", "who", "why"))
        yield f'<div class="scroll"><table class="requests"><thead><tr>{heads}</tr></thead><tbody>'
        yield from rows
        yield "</tbody></table></div>"

"""The simple index: which of its pages a request gets, and in which form; warehouse/api/simple.py @6b621571."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_pyreg.flavours.base import Action, Route
from pytest_pyreg.flavours.pypi import simple_html, simple_json
from pytest_pyreg.flavours.pypi.answers import (
    CORS,
    ENCODED,
    METHODS,
    NEGOTIATED,
    absent,
    cached_for,
    moved,
    page,
    path,
    serial_of,
    slash_added,
)
from pytest_pyreg.flavours.pypi.listing import listing
from pytest_pyreg.flavours.pypi.negotiation import offered
from pytest_pyreg.flavours.pypi.people import Standing
from pytest_pyreg.flavours.pypi.sought import project_sought
from pytest_pyreg.flavours.pypi.told import world_of
from pytest_pyreg.identity import Permission
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg.flavours.pypi.page_facts import PageFacts
    from pytest_pyreg.flavours.pypi.world import PyPIWorld
    from pytest_pyreg.render.replies import Reply
    from pytest_pyreg.visit import Visit

HTML, V1_HTML, V1_JSON = "text/html", "application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.v1+json"
_WRITTEN = {HTML: f"{HTML}; charset=UTF-8"}
"""A charset is said of text alone."""
_ABSENT = absent("404 Not Found", "text/plain; charset=UTF-8")
_UNKNOWN = dict.fromkeys((Refusal.PROJECT_UNKNOWN, Refusal.ROUTE_UNKNOWN), _ABSENT)
_CACHED = cached_for(10)


def routes(facts: PageFacts) -> dict[str, Route]:
    """Return the simple index's addresses, by names of ours."""
    pages: dict[str, tuple[Action, str, Callable[[Visit], Reply]]] = {
        "simple list": (Action.PROJECT_LIST, "/simple/", partial(project_list, facts)),
        "simple page": (Action.PROJECT_PAGE, "/simple/<project>/", partial(project_page, facts)),
        "simple nothing": (Action.OWN, "/simple/<path:rest>", nothing),
    }
    found = {
        f"{name} {method}": _route(action, method, pattern, answer)
        for name, (action, pattern, answer) in pages.items()
        for method in METHODS
    }
    for method in (*METHODS, "POST"):
        found[f"simple list without slash {method}"] = _route(Action.OWN, method, "/simple", slash_added)
        found[f"simple page without slash {method}"] = _route(Action.OWN, method, "/simple/<project>", slash_added)
    return found


def project_list(facts: PageFacts, visit: Visit) -> Reply:
    """Return the list of all projects, without those in quarantine."""
    world = world_of(visit)
    projects = [project for project in world.projects() if project.standing is not Standing.QUARANTINED]
    serial = visit.index.serial(world.home)
    kind = _form(facts, world, visit)

    def render() -> bytes:
        if kind == V1_JSON:
            rows = [(project.name, visit.index.serial(world.home, project.normalized)) for project in projects]
            return simple_json.project_list(facts, serial, rows)
        return simple_html.project_list(facts, urlsplit(visit.url).path, [project.name for project in projects])

    return page(visit, ("simple list", kind), serial, _headers(facts, kind, serial), render)


def project_page(facts: PageFacts, visit: Visit) -> Reply:
    """Return the page of one project."""
    world, project = world_of(visit), project_sought(visit)
    wanted = project.normalized
    if wanted != visit.names["project"]:
        return moved(visit, path("simple", wanted) + "/", (*CORS, _CACHED, _vary(facts)))
    serial = visit.index.serial(world.home, wanted)
    kind = _form(facts, world, visit)
    reading = visit.lies.read(wanted, [world.home], lambda: visit.index.page([world.home], wanted))
    if reading.lies:
        visit.remark = reading.remark
        if reading.page() is None:
            raise Refused(Refusal.PROJECT_UNKNOWN, project=wanted, namespace=world.home.name, hint=reading.remark)

    def render() -> bytes:
        shown = listing(visit, world, project, serial, reading.page())
        write = simple_json.project_page if kind == V1_JSON else simple_html.project_page
        return write(facts, shown)

    key = ("simple page", kind, wanted, world.settings.pep658, reading.lies)
    return page(visit, key, serial, _headers(facts, kind, serial), render)


def nothing(visit: Visit) -> Reply:
    """Say that there is no such address."""
    del visit
    raise Refused(Refusal.ROUTE_UNKNOWN)


def _route(action: Action, method: str, pattern: str, answer: Callable[[Visit], Reply]) -> Route:
    called = "simple index" if action is Action.OWN else ""
    return Route(action, method, pattern, Permission.READ, replies=_UNKNOWN, answer=answer, called=called)


def _form(facts: PageFacts, world: PyPIWorld, visit: Visit) -> str:
    """Return the type of the page; what nobody can have is plain HTML, never a refusal."""
    if not facts.json:
        return HTML
    offers = (HTML, V1_HTML, V1_JSON) if world.settings.json else (HTML, V1_HTML)
    return offered(visit.headers.get("HTTP_ACCEPT"), offers) or HTML


def _vary(facts: PageFacts) -> tuple[str, str]:
    return NEGOTIATED if facts.json else ENCODED


def _headers(facts: PageFacts, kind: str, serial: int) -> tuple[tuple[str, str], ...]:
    return (("Content-Type", _WRITTEN.get(kind, kind)), *CORS, serial_of(serial), _CACHED, _vary(facts))

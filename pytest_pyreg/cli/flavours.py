"""`pyreg flavours`: what `flavours.describe` knows, for a person (no line longer than 120 columns) or as JSON."""

from __future__ import annotations

import json
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from pytest_pyreg.cli.manual import Manual
from pytest_pyreg.cli.repeats import folded, shared
from pytest_pyreg.cli.reports import Usage
from pytest_pyreg.flavours import DEFAULT, lookup
from pytest_pyreg.flavours.describe import catalogue, description, difference

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pytest_pyreg.cli.manual import Parser
    from pytest_pyreg.flavours.describe import Plain

MANUAL = Manual(
    exit_codes={"0": "it was printed", "2": "a name means nothing, or there are too many"},
    examples=(
        ("All of them", "pyreg flavours"),
        ("What one says and demands, with sources", "pyreg flavours gitlab@17.4"),
        ("What an update of the server changes", "pyreg flavours gitea@1.21 gitea@1.23"),
    ),
    see=("docs/gitlab.md", "docs/gitea.md", "docs/pypi.md"),
)
WIDTH = 120
_LABEL = 30
_SECTIONS = ("features", "addresses", "upload rules", "refusals", "other facts")
_MOST = 2
"""How many flavours can be looked at together."""


def declare(tasks: argparse._SubParsersAction[Parser]) -> None:
    """Add the task to the command."""
    parser = tasks.add_parser(
        "flavours",
        usage="pyreg flavours [FLAVOUR [FLAVOUR]] [--json]",
        help="list flavours, describe one, or tell two apart",
        description=(
            "Without a name: list every flavour, with where its facts are known from.  With one, such as "
            f"{DEFAULT}@17: all that it says and demands.  With two: what is different."
        ),
    )
    parser.add_argument("names", nargs="*", metavar="FLAVOUR", help="a product, or product@version")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def show(options: argparse.Namespace) -> int:
    """Print it.

    Returns:
        The exit code.

    Raises:
        UnknownFlavour: a name means nothing.
        Usage: there are too many.
    """
    if len(options.names) > _MOST:
        raise Usage("flavours takes two names at most: pyreg flavours A B")
    flavours = [lookup(name) for name in options.names]
    if not flavours:
        eras = catalogue()
        found: Any = eras
        lines = _listed(eras)
    elif len(flavours) < _MOST:
        found = description(flavours[0])
        lines = _described(found)
    else:
        found = difference(*flavours)
        lines = _told_apart(found)
    text = json.dumps(found, indent=2) if options.json else "\n".join(lines)
    sys.stdout.write(f"{text}\n")
    return 0


def _listed(eras: list[Plain]) -> Iterator[str]:
    for era in eras:
        name = f"{era['name']:<16}"
        yield name + textwrap.shorten(era["source"], WIDTH - len(name), placeholder=" ...")


def _described(found: Plain) -> Iterator[str]:
    since = "" if found["era"] == found["version"] else f"  (as since {found['era']})"
    yield f"{found['name']}{since}"
    yield from _wrapped(found["source"], 2)
    for section in _SECTIONS:
        if found[section]:
            yield f"\n{section}"
        for name, value in found[section].items():
            yield from _row(name, _summary(section, value))


def _told_apart(found: Plain) -> Iterator[str]:
    yield f"{found['from']} -> {found['to']}"
    if found["eras between"]:
        yield "\neras between"
    for era in found["eras between"]:
        yield from _row(era["name"], [era["source"]])
    same = True
    for section in _SECTIONS:
        changes = found[section]
        if not any(changes.values()):
            continue
        same = False
        yield f"\n{section}"
        for sign, kind in (("+", "added"), ("-", "removed")):
            for name, value in changes[kind].items():
                yield from _row(f"{sign} {name}", _summary(section, value)[:1])
        told = {
            name: [tuple(_change(section, one)) for one in folded(differing)]
            for name, differing in changes["changed"].items()
        }
        for names, lines in shared(told):
            if len(names) == 1:
                yield from _row(f"~ {names[0]}", lines)
            else:
                yield from _row(f"~ in {len(names)} {section}:", [", ".join(names), *lines])
    if same:
        yield "\nnothing is different"


def _summary(section: str, value: Any) -> list[str]:  # noqa: ANN401 - JSON's own types.
    """Return the lines about one thing, the first of which says most."""
    if section == "addresses":
        return _address(value)
    if section == "refusals":
        return [_reply(value), f"({value['why']})"]
    return [_brief(value)]


def _address(route: Plain) -> list[str]:
    lines = [f"{route['method']} {route['pattern']}", f"for who may {route['permission']}"]
    if route["accepted"]:
        lines.append(f"with {', '.join(route['accepted'])}")
    lines.append(f"in this order: {', '.join(route['steps'])}")
    lines += [f"{name}: {_reply(reply)}" for name, reply in route["replies"].items()]
    return lines


def _reply(shape: Plain) -> str:
    """Return a reply in a line: its status if it has one of its own, its words in whatever form."""
    told = shape.get("json")
    body = shape.get("text", shape.get("message", "")) if told is None else json.dumps(told, ensure_ascii=False)
    headers = "".join(f"; {name}: {value}" for name, value in shape["headers"].items() if value)
    return " ".join(filter(None, (str(shape["status"] or ""), shape.get("reason", ""), _brief(body)))) + headers


def _change(section: str, one: Plain) -> list[str]:
    """Return the lines about one value that is not the same."""
    what, old, new = one["what"], one["from"], one["to"]
    if section == "refusals":
        return [f"was {_reply(old)}", f"now {_reply(new)}"]
    named = f"{what}: " if what else ""
    if isinstance(old, list) and isinstance(new, list):
        signs = [f"+ {_brief(value)}" for value in new if value not in old]
        signs += [f"- {_brief(value)}" for value in old if value not in new]
        kept = [value for value in old if value in new] == [value for value in new if value in old]
        lines = [f"{named}{', '.join(signs)}"] if signs else []
        if what == "steps" or not kept:
            lines.append(f"{named}in this order: {_brief(new)}")
        return lines
    return [f"{named}{_brief(old)} -> {_brief(new)}"]


def _brief(value: Any) -> str:  # noqa: ANN401 - JSON's own types.
    """Return a fact in one line."""
    if value is None or value in ("", [], {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_brief, value))
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_brief(one)}" for key, one in value.items())
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if "\n" in text or text != text.strip() else text


def _row(label: str, lines: list[str]) -> Iterator[str]:
    """Write what a label stands for beside it, or below if it is long."""
    texts = [text for line in lines for text in _wrapped(line, _LABEL + 2)] or [""]
    if len(label) < _LABEL:
        texts[0] = f"  {label:<{_LABEL}}{texts[0].strip()}".rstrip()
    else:
        yield f"  {label}"
    yield from texts


def _wrapped(text: str, indent: int) -> list[str]:
    """Break a text into lines; what is within a line goes on a little further in."""
    start = " " * indent
    return textwrap.wrap(
        text, WIDTH, initial_indent=start, subsequent_indent=f"{start}  ", break_on_hyphens=False, drop_whitespace=True
    )

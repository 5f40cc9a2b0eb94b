"""The lines of keys, in files that are laid out as people lay them out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from pytest_pyreg.toml_lines import lines

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator

AWKWARD = r'''# [not.a.table] but a comment
top.dotted = 1          # a = "comment"
"quoted \"key\".with" = "a # that is no comment"
'literal.key' = 'C:\no\escapes'
  indented   =   true
multi = """
[not.a.table]
x = "1" \
two quotes at its end"""""
literal = @@@[nor.this]
"""@@@
several = [             # the first of
  1,                    # these is number 0
  "]",
  { inline = 2, "a.b" = [ 3, 4,
    5 ] },
  [[], [{}]],
]
when = 1979-05-27 07:32:00-08:00
infinite = -inf
empty = ""
bare-key_1 = { }
[ a . "b.c" . 'd' ]     # blanks inside
value = { x.y = 1, z = [] }
[a.sibling]
[[rows]]
n = 1
[rows.below]
n = 2
[[rows]]
n = 3
[[rows.inner]]
n = 4
[[rows.inner]]
last = 5'''.replace("@@@", "'" * 3)


def leaves(value: object, address: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Return the address of everything in a document."""
    if address:
        yield address
    if isinstance(value, (dict, list)):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(one, (*address, key))


def test_every_value_has_its_line() -> None:
    """Each key stands on the line that is told, and nothing is told that is not there."""
    found, rows = lines(AWKWARD), AWKWARD.split("\n")

    assert set(found) == set(leaves(tomllib.loads(AWKWARD)))
    for address, line in found.items():
        if isinstance(address[-1], str):
            assert address[-1] in rows[line - 1].replace('\\"', '"')


@pytest.mark.parametrize(
    ("address", "line"),
    [
        (("top",), 2),
        (("top", "dotted"), 2),
        (('quoted "key".with',), 3),
        (("multi",), 6),
        (("literal",), 10),
        (("several", 1), 14),
        (("several", 2, "a.b", 1), 15),
        (("several", 2, "a.b", 2), 16),
        (("several", 3, 1, 0), 17),
        (("bare-key_1",), 22),
        (("a",), 23),
        (("a", "b.c", "d", "value", "x", "y"), 24),
        (("a", "sibling"), 25),
        (("rows", 0, "below", "n"), 29),
        (("rows", 1, "n"), 31),
        (("rows", 1, "inner", 1, "last"), 35),
    ],
    ids=str,
)
def test_the_line_is_the_right_one(address: tuple[str | int, ...], line: int) -> None:
    """Headers, dotted and quoted keys, tables in one line, arrays over several, arrays of tables."""
    assert lines(AWKWARD)[address] == line


def test_the_lines_of_no_text() -> None:
    """Nothing has no lines."""
    assert lines("") == lines("\n# alone") == {}


def test_a_table_stands_at_its_own_header() -> None:
    """Not where it was first named, once it has a header."""
    text = "[a.b]\n[a]\nx = 1\n"
    found: dict[Any, int] = lines(text)

    assert (found["a",], found["a", "b"], found["a", "x"]) == (2, 1, 3)

"""Releases in words: what a line says, and where one that says nothing goes wrong."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_pyreg import PyPI, Registry, SeedError
from pytest_pyreg.refusals import Refused
from pytest_pyreg.seeding import read


@pytest.fixture(name="pypi")
def _pypi() -> PyPI:
    return PyPI()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("demo 1.0", {}),
        ("  demo   1.0\t", {}),
        ("demo 1.0 wheel", {"kinds": ("wheel",)}),
        ("demo 1.0 sdist wheel", {"kinds": ("sdist", "wheel")}),
        ("demo 1.0 yanked", {"yanked": ""}),
        ("demo 1.0 yanked (bad, really) sdist", {"yanked": "bad, really", "kinds": ("sdist",)}),
        ("demo 1.0 yanked(bad)", {"yanked": "bad"}),
        ("demo 1.0 python >=3.10", {"requires_python": ">=3.10"}),
        ("demo 1.0 python>=3.10,<4 sdist", {"requires_python": ">=3.10,<4", "kinds": ("sdist",)}),
        ("demo 1.0 python >=3.10, <4", {"requires_python": ">=3.10, <4"}),
        ("demo 1.0 tag cp312-cp312-win_amd64", {"tag": "cp312-cp312-win_amd64"}),
        ("demo 1.0 requires a", {"requires": ("a",)}),
        ("demo 1.0 requires a >=1, <2, b[x, y]>2,c", {"requires": ("a >=1, <2", "b[x, y]>2", "c")}),
        ("demo 1.0 requires a requires b sdist", {"requires": ("a", "b"), "kinds": ("sdist",)}),
        ("demo 1.0 requires wheel, sdist wheel", {"requires": ("wheel", "sdist"), "kinds": ("wheel",)}),
        ("demo 1.0 requires a; os_name in 'x, y', b", {"requires": ("a; os_name in 'x, y'", "b")}),
        ("demo 1.0 requires a; python_version>'3' yanked", {"requires": ("a; python_version>'3'",), "yanked": ""}),
        ("demo 1.0 requires a @ https://example.com/a.whl", {"requires": ("a @ https://example.com/a.whl",)}),
        ("requires 1.0", {"project": "requires"}),
        ("Demo.Pkg-x 1!2.0+g1", {"project": "Demo.Pkg-x", "version": "1!2.0+g1"}),
    ],
)
def test_what_a_line_says(line: str, said: dict[str, Any]) -> None:
    """And nothing besides."""
    (seed,) = read(line)

    expected = {"line": line.strip(), "project": "demo", "version": "1.0", **said}
    nothing = {"kinds": (), "requires": (), "requires_python": None, "tag": "py3-none-any", "yanked": None}
    assert vars(seed) == {**nothing, **expected}


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("demo", 5, "ends where a version"),
        ("demo one", 6, "'one' is not a version"),
        ("-x 1.0", 1, "'-x' is not a project's name"),
        ("demo 1.0 yankd", 10, "did you mean 'yanked'"),
        ("demo 1.0 requires", 18, "ends where a requirement"),
        ("demo 1.0 requires a>=1, b>>2", 25, "'b>>2'"),
        ("demo 1.0 requires a,", 19, "'a,'"),
        ("demo 1.0 yanked (x", 17, "round brackets"),
        ("demo 1.0 yanked (x)y", 17, "round brackets"),
        ("demo 1.0 python three", 17, "'three'"),
        ("demo 1.0 python", 16, "ends where a specifier"),
        ("demo 1.0 sdist   tag x-y-z", 18, "an sdist has no tag"),
        ("demo 1.0 tag foo", 14, "three parts"),
        ("demo 1.0 sdist sdist", 16, "said twice"),
        ("demo 1.0 1.1", 10, "'1.1' is nothing that is said"),
    ],
)
def test_where_a_line_goes_wrong(line: str, column: int, words: str) -> None:
    """The error shows the line, and points."""
    with pytest.raises(SeedError) as caught:
        read(f"other 1.0\n{line}")

    message, shown, pointer = str(caught.value).rsplit("\n", 2)
    assert words in message
    assert caught.value.line == shown.strip() == line
    assert caught.value.column == column
    assert pointer.index("^") == column + 1
    assert pointer.endswith(f"^ column {column}")


def test_the_index_has_what_was_said(pypi: PyPI) -> None:
    """Each release with its files; what was taken back, taken back; what is made is returned."""
    made = pypi.seed("demo 1.0", "demo 1.1 wheel yanked (broken)", "helper 2.0 wheel requires demo>=1", "old 1.0 sdist")

    assert [dist.name for dist in made] == [
        "demo-1.0-py3-none-any.whl",
        "demo-1.0.tar.gz",
        "demo-1.1-py3-none-any.whl",
        "helper-2.0-py3-none-any.whl",
        "old-1.0.tar.gz",
    ]
    assert pypi.versions("demo") == ["1.0", "1.1"]
    assert pypi.files("old") == {"old-1.0.tar.gz"}
    with pypi:
        assert pypi.install("helper", "old").distributions() == {"helper": "2.0", "demo": "1.0", "old": "1.0"}


def test_several_lines_at_once(pypi: PyPI) -> None:
    """With empty ones, and remarks."""
    pypi.seed(
        """
        # What is there already.
        demo 1.0 wheel

        demo 2.0 sdist
        """
    )

    assert pypi.files("demo") == {"demo-1.0-py3-none-any.whl", "demo-2.0.tar.gz"}
    assert pypi.seed("") == pypi.seed() == ()


def test_one_wrong_line_and_nothing_is_there(pypi: PyPI) -> None:
    """Whatever stands before it."""
    with pytest.raises(SeedError):
        pypi.seed("demo 1.0", "demo one")

    assert not pypi.projects()


@pytest.mark.parametrize("flavour", ["gitlab", "gitea", "forgejo"])
def test_who_cannot_take_a_release_back_says_so(flavour: str) -> None:
    """Before anything is there; the same line without that word is fine."""
    registry = Registry(flavour)

    with pytest.raises(ValueError, match=f"{flavour}.*cannot take a release back.*'demo 1.1 yanked' asks for that"):
        registry.seed("demo 1.0", "demo 1.1 yanked")

    assert not registry.projects()
    registry.seed("demo 1.0", "demo 1.1")
    assert registry.versions("demo") == ["1.0", "1.1"]


def test_a_release_that_is_there_is_refused(pypi: PyPI) -> None:
    """As `add` refuses it."""
    pypi.seed("demo 1.0 wheel")

    with pytest.raises(Refused):
        pypi.seed("demo 1.0 wheel")
    pypi.seed("demo 1.0 sdist")


def test_a_seed_is_a_text(pypi: PyPI) -> None:
    """A distribution is another matter."""
    with pytest.raises(TypeError, match=r"registry\.add\(\) takes distributions"):
        pypi.seed(pypi.make_wheel())  # type: ignore[arg-type]

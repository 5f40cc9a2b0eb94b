"""The house keeps its shape: bands, names, and where numbers and products may stand."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import pytest_pyreg

PACKAGE = Path(pytest_pyreg.__file__).parent

# A module imports only from lower bands or its own.
BANDS = (
    {"model", "refusals", "clock", "text", "checked", "hush", "redaction"},
    {
        "blobs",
        "index",
        "metadata",
        "metadata_text",
        "dists",
        "misfits",
        "seeding",
        "identity",
        "forms",
        "worldfile",
        "worldfile_shared",
        "toml_lines",
        "settings",
        "memento",
        "shelves",
    },
    {"rules", "visit", "steps", "render", "pages", "lies"},
    {"flavours"},
    {
        "actions",
        "addresses",
        "app",
        "credentials",
        "exchanges",
        "ledger",
        "questions",
        "telling",
        "traces",
        "fault_rules",
        "faulting",
        "faults",
        "multipart",
        "parts",
        "sending",
        "server",
        "storage",
        "tls",
        "bodies",
        "conditions",
        "connection",
        "control",
        "passing",
        "gate",
        "recording",
    },
    {
        "registry",
        "neighbours",
        "remote",
        "proxies",
        "link",
        "sharing",
        "sharing_process",
        "options",
        "stock",
        "snapshots",
        "durable",
        "companions",
        "keeping",
        "witness",
        "products",
        "clients",
        "plugin",
        "cli",
        "rehearsal",
        "__main__",
        "__init__",
    },
)
MODULES = sorted(PACKAGE.rglob("*.py"))
PRODUCTS = re.compile(r"git ?lab|gitea|forgejo|warehouse|devpi", re.IGNORECASE)


def room(path: Path) -> str:
    """Return the first part of a module's name: its file or its folder."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def band(name: str) -> int:
    """Return the number of the band that a room is in."""
    return next(number for number, rooms in enumerate(BANDS) if name in rooms)


def imported_rooms(tree: ast.AST) -> set[str]:
    """Return the rooms that a module imports from, wherever in it the import stands."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pytest_pyreg."):
            names.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "pytest_pyreg":
            names |= {alias.name for alias in node.names if any(alias.name in rooms for rooms in BANDS)}
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("pytest_pyreg.")}
    return names


def spoken(tree: ast.Module) -> set[str]:
    """Return a module's names and texts: everything but its comments and docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    words = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            words.add(node.value)
        elif isinstance(node, ast.Name):
            words.add(node.id)
        elif isinstance(node, ast.Attribute):
            words.add(node.attr)
    return words


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    """A module imports only from lower bands or its own."""
    rooms = imported_rooms(ast.parse(path.read_text()))

    higher = {name for name in rooms if band(name) > band(room(path))}

    assert not higher


def test_an_import_that_goes_up_would_be_seen() -> None:
    """The test above can fail."""
    tree = ast.parse("def f():\n    from pytest_pyreg.registry import Registry\n    import pytest_pyreg.app\n")

    assert imported_rooms(tree) == {"registry", "app"}
    assert band("registry") > band("steps")


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if room(path) not in {"flavours", "plugin", "products", "cli", "clients", "__init__"}],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_only_flavours_name_products(path: Path) -> None:
    """Outside `flavours/` code asks what the registry does, never which one it is.

    Left out are the doors whose business such names are: typed registries and fixtures, examples in help, public names,
    and the environment variables that `clients/` knows.
    """
    assert not {word for word in spoken(ast.parse(path.read_text())) if PRODUCTS.search(word)}


def test_a_product_in_the_code_would_be_seen() -> None:
    """The test above can fail, and leaves docstrings and comments alone."""
    tree = ast.parse('"""About GitLab."""\n# GitLab\nif flavour == "gitlab": pass\n')

    assert [word for word in spoken(tree) if PRODUCTS.search(word)] == ["gitlab"]


@pytest.mark.parametrize("name", ["model", "refusals", "index", "identity", "steps", "forms", "blobs"])
def test_domain_code_has_no_status_numbers(name: str) -> None:
    """A refusal is raised by name; its number is the flavour's."""
    tree = ast.parse((PACKAGE / f"{name}.py").read_text())
    numbers = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is int}

    assert not {number for number in numbers if 200 <= number <= 599}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_plugin_knows_pytest(path: Path) -> None:
    """What a fixture can do, a script can do: the core does not import pytest."""
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert "pytest" not in names or room(path) == "plugin"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_stay_readable(path: Path) -> None:
    """One that passes 300 lines is asking to be two."""
    assert len(path.read_text().splitlines()) <= 300

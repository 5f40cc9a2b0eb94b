"""Where the product's host names stand, and what its checks cost those who do not use them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_pyreg.flavours import hosts

PACKAGE = Path(hosts.__file__).parents[1]
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "hosts.py")
CHECKS = "attestations core_metadata description distribution form names"
HEAVY = "docutils email_validator packaging.metadata readme_renderer rfc3986 stdlib_list tarfile trove_classifiers"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_one_module_names_hosts(path: Path) -> None:
    """So that another index, or a practice one, is a change in one place."""
    texts = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]

    assert not [text for text in texts if isinstance(text, str) and (hosts.WEB in text or hosts.FILES in text)]


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    """The checks stand in every test run's way once a flavour has them."""
    imports = "\n".join(f"import pytest_pyreg.flavours.pypi.{name}" for name in CHECKS.split())
    script = f"import sys\nbefore = set(sys.modules)\n{imports}\nprint(*(set(sys.modules) - before))"

    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert not set(HEAVY.split()) & set(done.stdout.split())

"""What a user's pytest run says of faults and lies that never came true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.pypi.installed import OF_TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[[str], pytest.RunResult]


@pytest.fixture(name="run")
def _run(pytester: pytest.Pytester) -> Run:
    """Run a test file."""

    def run(code: str) -> pytest.RunResult:
        pytester.makepyfile(f"import pytest\nfrom pytest_pyreg import Registry\n\n{code}")
        return pytester.runpytest("-rA", "--tb=short")

    return run


def test_a_test_that_would_have_passed_fails(run: Run) -> None:
    """It fails, without an error at its teardown and without a traceback, and its report has the requests."""
    result = run(
        "def test_it(pyreg):\n"
        "    pyreg.faults.on('upload', filename='*.tar.gz').reply(503)\n"
        "    pyreg.upload(pyreg.make_wheel('demo', '1.0'))\n"
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "pyreg: a fault never fired: on('upload', filename='[*].tar.gz').reply(503); no request like it came",
            "requests that came, those most like it first:",
            "  POST /api/v4/projects/1/packages/pypi -> 201 Created  demo-1.0-py3-none-any.whl  [[]user publisher[]]",
            "    not meant: its filename is 'demo-1.0-py3-none-any.whl'",
            "*- pyreg -*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*reports.py*")


def test_a_test_that_failed_says_so_alone(run: Run) -> None:
    """Its own error, once; its report still tells of the fault."""
    result = run("def test_it(pyreg):\n    pyreg.faults.on('upload').reply(503)\n    assert 1 == 2\n")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 1 == 2*", "a fault: on('upload').reply(503): fired 0 times"])
    result.stdout.no_fnmatch_line("*never fired*")


@OF_TODAY
def test_a_fault_that_fired_explains_the_failure(run: Run) -> None:
    """In the section of the report."""
    result = run(
        "def test_it(pyreg):\n"
        "    pyreg.faults.on('upload').reply(500)\n"
        "    pyreg.upload(pyreg.make_wheel('demo', '1.0'), client='uv')\n"
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*- pyreg -*", "!   1 POST * -> 500 *", "        because of a fault: on('upload').reply(500)"]
    )


def test_all_registries_of_a_test(run: Run) -> None:
    """Those that it made, what stands behind them, and lies; a skipped test and one that cleared them are content."""
    result = run(
        "def test_made(make_pyreg):\n"
        "    make_pyreg('pep503').faults.on('download').reset()\n"
        "    make_pyreg('pypi').lies.without_metadata('demo')\n"
        "def test_upstream(pyreg):\n"
        "    pyreg.upstream.faults.on('any').hang_up()\n"
        "def test_skipped(pyreg):\n"
        "    pyreg.faults.on('any').hang_up()\n"
        "    pytest.skip('not here')\n"
        "def test_cleared(pyreg):\n"
        "    pyreg.faults.on('any').hang_up()\n"
        "    pyreg.faults.clear()\n"
        "@pytest.mark.xfail(strict=True)\n"
        "def test_expected(pyreg):\n"
        "    pyreg.faults.on('any').hang_up()\n"
    )

    result.assert_outcomes(failed=2, skipped=1, passed=1, xfailed=1)
    result.stdout.fnmatch_lines(
        [
            "pyreg: a fault never fired: on('download').reset(); no request like it came",
            "pyreg: a lie was never told: without_metadata('demo'); there is no project 'demo' here; there are: none",
            "project pages that were read: none",
        ]
    )


def test_a_fixture_of_ones_own(run: Run) -> None:
    """With a block around `yield`, it is an error of that fixture."""
    result = run(
        "@pytest.fixture\n"
        "def mine():\n"
        "    with Registry('pep503') as registry:\n"
        "        yield registry\n"
        "def test_it(mine):\n"
        "    mine.faults.on('download').reset()\n"
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*FaultNeverFired: a fault never fired: on('download').reset()*"])

"""Recording in a test run: the ini value, the options, and what they refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_pyreg import Registry

INSTALLS = """
def test_it(pyreg):
    assert pyreg.install("lib", client="uv").distributions() == {"lib": "2.0"}
"""


def test_a_run_records_and_the_next_serves(pytester: pytest.Pytester, real: Registry) -> None:
    """The folder is the project's; the flag is for the run in which it is filled."""
    pytester.makeini("[pytest]\npyreg_upstream = tests/upstream\n")
    pytester.makepyfile(INSTALLS)

    pytester.runpytest("--pyreg-record").assert_outcomes(passed=1)
    assert (pytester.path / "tests" / "upstream" / "lib" / "page.json").is_file()
    asked = real.log.count
    real.stop()
    pytester.runpytest().assert_outcomes(passed=1)
    assert real.log.count == asked


def test_workers_record_into_one_folder(pytester: pytest.Pytester, real: Registry) -> None:
    """Each with a registry of its own; what they leave is whole."""
    pytester.makepyfile(INSTALLS + INSTALLS.replace("test_it", "test_more"))

    pytester.runpytest("-n2", "--pyreg-upstream=up", "--pyreg-record").assert_outcomes(passed=2)
    real.stop()

    assert {path.name for path in (pytester.path / "up" / "lib").iterdir()} >= {
        "page.json",
        "lib-2.0-py3-none-any.whl",
    }
    pytester.runpytest("-p", "no:xdist", "--pyreg-upstream=up").assert_outcomes(passed=2)


def test_a_marker_has_a_folder_of_its_own(pytester: pytest.Pytester, real: Registry) -> None:
    """The nearest wins; without the flag or the word `record` nobody is asked."""
    pytester.mkdir("empty")
    pytester.makepyfile(
        """
        import pytest
        from pytest_pyreg import CommandFailed

        @pytest.mark.pyreg("gitlab@17", upstream="empty")
        def test_it(pyreg):
            with pytest.raises(CommandFailed):
                pyreg.install("lib")
        """
    )

    pytester.runpytest().assert_outcomes(passed=1)
    assert not real.log


def test_what_was_not_recorded_is_in_the_report(pytester: pytest.Pytester, real: Registry) -> None:
    """So that a failing test says what to do."""
    pytester.makepyfile(INSTALLS)
    pytester.mkdir("up")

    result = pytester.runpytest("--pyreg-upstream=up")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*because no file of a project 'lib' is stored in 'index'; nor is it recorded in *up"])
    assert not real.log


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--pyreg-record"], "--pyreg-record needs a folder: set pyreg_upstream, or add --pyreg-upstream FOLDER"),
        (
            ["--pyreg-upstream=gone"],
            "pyreg_upstream: there is no folder *gone; run once with --pyreg-record to make it",
        ),
    ],
)
def test_a_wrong_setting_ends_the_run(pytester: pytest.Pytester, arguments: list[str], words: str) -> None:
    """A usage error that names what would be right."""
    pytester.makepyfile(INSTALLS)

    result = pytester.runpytest(*arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {words}"])

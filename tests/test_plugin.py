"""The plugin from the outside: what a user's pytest run does."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = ["werkzeug", "requests", "urllib3", "twine", "packaging.metadata", "pkginfo", "build", "filelock", "venv"]


def test_a_fresh_registry_for_each_test(pytester: pytest.Pytester) -> None:
    """`pyreg` is running, of the default flavour, and keeps nothing from one test to the next."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("time", [1, 2])
        def test_it(pyreg, time):
            assert pyreg.flavour.product == "gitlab"
            pyreg.add(pyreg.make_wheel("demo", "1.0"))
            assert pyreg.files("demo") == {"demo-1.0-py3-none-any.whl"}
        """
    )

    pytester.runpytest().assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("marker", "option", "ini", "expected"),
    [
        ("", "", "", "gitlab@19.0"),
        ("", "", "gitlab@17.1", "gitlab@17.1"),
        ("", "gitlab@17.2", "gitlab@17.1", "gitlab@17.2"),
        ('@pytest.mark.pyreg("gitlab@17.3")', "gitlab@17.2", "gitlab@17.1", "gitlab@17.3"),
        ("@pytest.mark.pyreg(max_file_bytes=10)", "gitlab@17.2", "", "gitlab@17.2"),
    ],
)
def test_which_flavour(pytester: pytest.Pytester, marker: str, option: str, ini: str, expected: str) -> None:
    """The marker wins over the option, the option over the ini value, and that over the default."""
    pytester.makeini(f"[pytest]\npyreg_flavour = {ini}\n")
    pytester.makepyfile(f"import pytest\n{marker}\ndef test_it(pyreg): assert pyreg.flavour.name == {expected!r}\n")

    arguments = ["--pyreg-flavour", option] if option else []
    pytester.runpytest(*arguments).assert_outcomes(passed=1)


def test_several_flavours_run_the_test_for_each(pytester: pytest.Pytester) -> None:
    """Each flavour is the id of its run."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.pyreg("gitlab@17.0", "gitlab@17.9", max_file_bytes=10)
        def test_it(pyreg):
            assert pyreg.flavour.rules.max_file_bytes == 10
        """
    )

    result = pytester.runpytest("-v")

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines_random(["*test_it?gitlab@17.0? PASSED*", "*test_it?gitlab@17.9? PASSED*"])


def test_make_pyreg_starts_several(pytester: pytest.Pytester) -> None:
    """All of them stop when the test ends, with those that the test has stopped itself."""
    pytester.makepyfile(
        """
        import threading

        def test_it(make_pyreg, pyreg):
            first, second = make_pyreg(), make_pyreg("gitlab@17.1", max_file_bytes=10)
            assert len({first.url, second.url, pyreg.url}) == 3
            assert (first.flavour.name, second.flavour.name) == ("gitlab@19.0", "gitlab@17.1")
            first.stop()

        def test_nothing_is_left():
            assert not [thread for thread in threading.enumerate() if thread.name.startswith("pyreg")]
        """
    )

    pytester.runpytest("-p", "no:randomly").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("arguments", "ini", "words"),
    [
        (["--pyreg-flavour", "gitlab@3"], "", "*gitlab@3 is too old*"),
        ([], "pyreg_flavour = gitlab@99", "*gitlab@99 is not described yet*"),
        ([], "pyreg_timeout = soon", "*pyreg_timeout is a number of seconds, not 'soon'*"),
        ([], "pyreg_timeout = -1", "*pyreg_timeout is a number of seconds, not '-1'*"),
    ],
)
def test_a_wrong_setting_ends_the_run(pytester: pytest.Pytester, arguments: list[str], ini: str, words: str) -> None:
    """A usage error, before the first test, that names what would be right; no traceback."""
    pytester.makeini(f"[pytest]\n{ini}\n")
    pytester.makepyfile("def test_it(pyreg): pass\n")

    result = pytester.runpytest(*arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {words}"])
    assert "Traceback" not in f"{result.stdout} {result.stderr}"


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["alone", "xdist"])
def test_a_wrong_marker_is_an_error_of_its_test_alone(pytester: pytest.Pytester, workers: list[str]) -> None:
    """One clean line each, whatever fixture the test takes; the others run."""
    pytester.makefile(".toml", broken="nonsense = true")
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.pyreg("gitlub")
        def test_product(pyreg): pass

        @pytest.mark.pyreg("gitea@1.16")
        def test_version(pyreg): pass

        @pytest.mark.pyreg("gitea@1.17", "gitea@1.16")
        def test_one_of_two(pyreg): pass

        @pytest.mark.pyreg(17)
        def test_number(make_pyreg): pass

        @pytest.mark.pyreg(colour=1)
        def test_option(pyreg): pass

        @pytest.mark.pyreg(max_file_bytes="x")
        def test_value(pyreg): pass

        @pytest.mark.pyreg("gitlab@17", world="nope.toml")
        def test_no_file(pyreg): pass

        @pytest.mark.pyreg("gitea@1.23", world="broken.toml")
        def test_bad_file(pyreg_gitea): pass

        @pytest.mark.pyreg("gitlab@17")
        def test_fine(pyreg): pass
        """
    )

    result = pytester.runpytest_subprocess(*workers)

    result.assert_outcomes(passed=1, errors=9)
    result.stdout.fnmatch_lines_random(
        [
            "pyreg: there is no flavour 'gitlub'; the products are*; did you mean 'gitlab'?",
            "pyreg: gitea@1.16 is too old: *",
            "pyreg: a flavour is a name, such as 'gitlab@17', not 17",
            "pyreg: there is no option colour; flavours come first*max_file_bytes*",
            "pyreg: max_file_bytes is a number of bytes, not 'x'",
            "pyreg: nope.toml: a world file cannot be read there: No such file or directory",
            "pyreg: *broken.toml*nonsense*",
        ]
    )
    printed = f"{result.stdout}"
    assert not any(words in printed for words in ("Traceback", "INTERNALERROR", "plugin.py", "raise ", "During"))


def test_the_timeout_reaches_the_clients(pytester: pytest.Pytester) -> None:
    """The ini value is what `make_pyreg` takes unless it is told another."""
    pytester.makeini("[pytest]\npyreg_timeout = 0.3\n")
    pytester.makepyfile(
        """
        import pytest
        from pytest_pyreg import CommandFailed

        def test_ini(pyreg):
            with pytest.raises(CommandFailed, match="still running after 0.3 seconds"):
                pyreg.run("sleep", "30")

        def test_own(make_pyreg):
            with pytest.raises(CommandFailed, match="still running after 0.2 seconds"):
                make_pyreg(timeout=0.2).run("sleep", "30")
        """
    )

    pytester.runpytest().assert_outcomes(passed=2)


def test_a_failed_test_shows_the_requests(pytester: pytest.Pytester) -> None:
    """The report has a section with what came, who asked, what was answered and why, and no secret."""
    pytester.makepyfile(
        """
        import pathlib

        def test_it(pyreg):
            pathlib.Path("secret").write_text(pyreg.publisher.secret[:-1])
            pyreg.add(pyreg.make_wheel("demo", "1.0"))
            pyreg.install("demo", credential=pyreg.stranger)
        """
    )

    result = pytester.runpytest()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*CommandFailed: python -m pip*install demo: exit code 1*",
            "*- pyreg -*",
            "gitlab@19.0 at http://127.0.0.1:*: requests: 1, refused: 1",
            "!   1 GET /api/v4/projects/1/packages/pypi/simple/demo/ -> 404 Not Found*user stranger*",
            "*because user stranger may not see 'acme/demo'*",
        ]
    )
    assert (pytester.path / "secret").read_text().strip() not in str(result.stdout)


def test_a_passed_test_shows_nothing(pytester: pytest.Pytester) -> None:
    """The section is for failures, and for those that had a registry."""
    pytester.makepyfile(
        """
        def test_fine(pyreg): pass
        def test_without(): assert False
        """
    )

    result = pytester.runpytest("-rA")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*- pyreg -*")


def test_a_failing_setup_shows_the_requests(pytester: pytest.Pytester) -> None:
    """A fixture that fails on top of `pyreg` is explained as well."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def installed(pyreg):
            return pyreg.install("absent")

        def test_it(installed): pass
        """
    )

    result = pytester.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*- pyreg -*", "*because no file of a project 'absent' is stored*"])


def test_help_names_the_settings(pytester: pytest.Pytester) -> None:
    """The option, the ini values, the marker and the fixtures are listed where pytest lists such things."""
    pytester.runpytest("--help").stdout.fnmatch_lines(["*--pyreg-flavour=NAME*", "*pyreg_flavour*", "*pyreg_timeout*"])
    pytester.runpytest("--markers").stdout.fnmatch_lines(["@pytest.mark.pyreg(*"])
    pytester.runpytest("--fixtures").stdout.fnmatch_lines_random(["pyreg -- *", "make_pyreg -- *"])


def test_a_fixture_can_be_overridden(pytester: pytest.Pytester) -> None:
    """A project gives `pyreg` a content of its own by a fixture of the same name."""
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture
        def pyreg(pyreg):
            pyreg.add(pyreg.make_wheel("base", "1.0"))
            return pyreg
        """
    )
    pytester.makepyfile("def test_it(pyreg): assert pyreg.projects() == {'base'}")

    pytester.runpytest().assert_outcomes(passed=1)


def test_each_link_can_be_replaced_alone(pytester: pytest.Pytester) -> None:
    """The default flavour, the clock, the world, the address, any option; the marker still has the last word."""
    pytester.makefile(".toml", world='[tokens.ada]\nkind = "personal"\nuser = "ada"\n[users.ada]\n')
    pytester.makeconftest(
        """
        import datetime, pathlib, socket
        import pytest
        from pytest_pyreg import ManualClock

        @pytest.fixture
        def pyreg_flavour():
            return "gitlab@16"

        @pytest.fixture
        def pyreg_clock():
            return ManualClock(datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc))

        @pytest.fixture
        def pyreg_world():
            return pathlib.Path(__file__).with_name("world.toml")

        @pytest.fixture
        def pyreg_address():
            with socket.create_server(("127.0.0.2", 0)) as found:
                return found.getsockname()[:2]

        @pytest.fixture
        def pyreg_options(pyreg_options):
            return {**pyreg_options, "max_file_bytes": 1000}
        """
    )
    pytester.makepyfile(
        """
        import pytest

        def test_all(pyreg, pyreg_address):
            assert pyreg.flavour.name == "gitlab@16"
            assert pyreg.clock.now().year == 2024
            assert set(pyreg.tokens) == {"ada"}
            assert pyreg.url == "http://127.0.0.2:%d" % pyreg_address[1]
            assert pyreg.flavour.rules.max_file_bytes == 1000
            pyreg.upload(pyreg.make_wheel("demo", "1.0"))

        def test_others(make_pyreg, pyreg):
            other = make_pyreg("gitlab@17")
            assert other.url.startswith("http://127.0.0.1:")
            assert other.clock is pyreg.clock

        @pytest.mark.pyreg("gitlab@17.4", max_file_bytes=10, world=None)
        def test_marker(pyreg):
            assert pyreg.flavour.name == "gitlab@17.4"
            assert pyreg.flavour.rules.max_file_bytes == 10
            assert not pyreg.tokens
        """
    )

    pytester.runpytest().assert_outcomes(passed=3)


def test_it_works_without_xdist_and_with_it(pytester: pytest.Pytester) -> None:
    """Each worker has registries of its own; the plugin needs no other plugin."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(4))
        def test_it(pyreg, n):
            pyreg.add(pyreg.make_wheel("demo", "1.0"))
            assert pyreg.versions("demo") == ["1.0"]
        """
    )

    pytester.runpytest_subprocess("-p", "no:xdist").assert_outcomes(passed=4)
    pytester.runpytest_subprocess("-n", "2").assert_outcomes(passed=4)


@pytest.mark.parametrize("arguments", [["--help"], ["--collect-only", "-q"], ["-q"]])
def test_unused_the_plugin_loads_nothing_heavy(pytester: pytest.Pytester, arguments: list[str]) -> None:
    """What every pytest run of every user pays for is the plugin module alone."""
    pytester.makepyfile("def test_it(): pass")
    script = (
        "import sys, pytest\n"
        f"pytest.main({arguments!r} + ['-p', 'pytest_pyreg.plugin'])\n"
        "loaded = {name for name in sys.modules if name.startswith('pytest_pyreg')}\n"
        "loaded = {name for name in loaded if not name.startswith('pytest_pyreg.plugin')}\n"
        f"print('LOADED', sorted(loaded), [name for name in {HEAVY!r} if name in sys.modules])"
    )
    # Of the plugins that happen to be installed here only ours is loaded; others import what they like.
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    result = subprocess.run(
        [sys.executable, "-c", script], cwd=pytester.path, env=env, capture_output=True, text=True, check=True
    )

    assert "LOADED ['pytest_pyreg'] []" in result.stdout


def test_used_the_heavy_modules_are_loaded() -> None:
    """The test above can fail: a registry does load what it needs."""
    script = "import sys, pytest_pyreg; pytest_pyreg.Registry; print('werkzeug' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "True\n"


def test_the_package_hands_out_only_its_names() -> None:
    """A name that does not exist is an AttributeError, and every public name is there."""
    import pytest_pyreg

    assert all(hasattr(pytest_pyreg, name) for name in pytest_pyreg.__all__)
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = pytest_pyreg.colour


def test_the_nearest_marker_wins(pytester: pytest.Pytester) -> None:
    """A class's marker holds for what a test's own does not say."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.pyreg("gitlab@17.4", max_file_bytes=1)
        class TestIt:
            @pytest.mark.pyreg(max_file_bytes=2)
            def test_options(self, pyreg):
                assert (pyreg.flavour.name, pyreg.flavour.rules.max_file_bytes) == ("gitlab@17.4", 2)

            @pytest.mark.pyreg("gitlab@17.5")
            def test_flavour(self, pyreg):
                assert (pyreg.flavour.name, pyreg.flavour.rules.max_file_bytes) == ("gitlab@17.5", 1)
        """
    )

    pytester.runpytest().assert_outcomes(passed=2)


def test_the_fixture_of_another_product(pytester: pytest.Pytester) -> None:
    """`pyreg_gitea` is a Gitea where nobody says which, a Forgejo where the marker does, and never another product."""
    pytester.makepyfile(
        """
        import pytest

        def test_newest(pyreg_gitea, pyreg):
            assert pyreg_gitea is pyreg
            assert pyreg_gitea.flavour.product == "gitea"
            assert pyreg_gitea.user("ada").name == "ada"

        @pytest.mark.pyreg("gitea@1.17", "forgejo")
        def test_both(pyreg_gitea):
            assert pyreg_gitea.organization("acme") is pyreg_gitea.namespace

        @pytest.mark.pyreg("gitlab@17")
        def test_other(pyreg_gitea): pass
        """
    )

    result = pytester.runpytest()

    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*pyreg_gitea needs a Gitea or a Forgejo, and the flavour here is gitlab@17*"])
    chosen = pytester.runpytest("--pyreg-flavour", "gitlab@17", "-k", "newest")
    chosen.assert_outcomes(errors=1, deselected=3)


def test_the_typed_fixture_is_the_same_registry(pytester: pytest.Pytester) -> None:
    """`pyreg_gitlab` is `pyreg`, once for each flavour of the marker; another product is refused in words."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.pyreg("gitlab@13.4", "gitlab@17")
        def test_same(pyreg_gitlab, pyreg):
            assert pyreg_gitlab is pyreg
            assert pyreg_gitlab.user("ada").username == "ada"

        @pytest.mark.pyreg("pep503")
        def test_other(pyreg_gitlab): pass
        """
    )

    result = pytester.runpytest()

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*pyreg_gitlab needs a GitLab, and the flavour here is pep503@1*"])


def test_the_fixture_of_the_public_index(pytester: pytest.Pytester) -> None:
    """`pyreg_pypi` is today's index where nobody says which, the marker's day where it does, never another product."""
    pytester.makepyfile(
        """
        import pytest

        def test_newest(pyreg_pypi, pyreg):
            assert pyreg_pypi is pyreg
            assert pyreg_pypi.flavour.product == "pypi"
            assert pyreg_pypi.user("ada").name == "ada"

        @pytest.mark.pyreg("pypi@2022.6", "pypi@2025.6")
        def test_days(pyreg_pypi):
            assert pyreg_pypi.settings.json

        @pytest.mark.pyreg("gitea@1.23")
        def test_other(pyreg_pypi): pass

        def test_elsewhere(pyreg_pypi, pyreg_gitlab): pass
        """
    )

    result = pytester.runpytest()

    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(["*pyreg_pypi needs the public index, and the flavour here is gitea@1.23*"])
    chosen = pytester.runpytest("--pyreg-flavour", "gitlab@17", "-k", "newest")
    chosen.assert_outcomes(errors=1, deselected=4)


def test_a_marker_that_would_do_nothing(pytester: pytest.Pytester) -> None:
    """Several flavours where a test runs once; a flavour for what the whole run shares; two products at once."""
    pytester.makepyfile(
        """
        import unittest
        import pytest

        @pytest.mark.pyreg("gitea@1.20", "pypi")
        class TestOld(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _registry(self, pyreg): ...

            def test_it(self): ...

        @pytest.mark.pyreg("gitea@1.20", "pypi")
        def test_while_it_runs(request):
            request.getfixturevalue("pyreg")

        @pytest.mark.pyreg("gitea")
        def test_shared(pyreg_shared): ...

        def test_two(pyreg_gitlab, pyreg_gitea): ...

        @pytest.mark.pyreg("gitea")
        def test_both(pyreg_shared, make_pyreg): ...
        """
    )

    result = pytester.runpytest("-p", "no:randomly")

    result.assert_outcomes(passed=1, failed=1, errors=3)
    result.stdout.fnmatch_lines_random(
        [
            "*the marker names 2 flavours, and this test can run but once*",
            "*the marker is about the fixture pyreg; pyreg_shared is one for the whole run*",
            "*pyreg_gitlab and pyreg_gitea are one registry, the test's own*make_pyreg for another*",
        ]
    )

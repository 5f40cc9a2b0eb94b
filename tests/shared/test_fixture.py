"""The fixture `pyreg_shared`, from the outside: with workers, without, with pytest-xdist turned off."""

from __future__ import annotations

import pytest

TESTS = """
import pytest
from pytest_pyreg import GitLab, make_wheel

@pytest.mark.parametrize("number", range(4))
def test_alone(pyreg_shared, number, record_property):
    assert isinstance(pyreg_shared, GitLab)
    assert pyreg_shared.files("demo") == set()
    assert not pyreg_shared.log
    pyreg_shared.upload(pyreg_shared.make_wheel("demo", "1.0"))
    assert pyreg_shared.versions("demo") == ["1.0"]
    assert len(pyreg_shared.log.uploads()) == 1
    # What is beyond the test's own namespace is everybody's.
    pyreg_shared.upstream.add(make_wheel("public", str(number)))
    assert str(number) in pyreg_shared.upstream.versions("public")
    print("WHERE", pyreg_shared.url, pyreg_shared.namespace.path)
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest in a process of its own, and show what tests print."""
    return pytester.runpytest_subprocess("-Werror", "-rP", "-pno:cacheprovider", *arguments)


def places(result: pytest.RunResult) -> tuple[set[str], list[str]]:
    """Return the URLs and the namespaces that the tests printed."""
    told = [line.split()[1:] for line in result.outlines if line.startswith("WHERE")]
    return {url for url, _ in told}, [path for _, path in told]


@pytest.mark.parametrize("arguments", [("-n2",), ("-n2", "--dist=loadfile"), ("-n0",), ("-pno:xdist",)], ids=" ".join)
def test_one_registry_and_a_namespace_for_each_test(pytester: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    """Wherever the tests run."""
    pytester.makepyfile(TESTS)

    result = run(pytester, *arguments)

    result.assert_outcomes(passed=4)
    urls, paths = places(result)
    assert len(urls) == 1
    assert len(set(paths)) == 4


def test_it_costs_nothing_if_nobody_asks(pytester: pytest.Pytester) -> None:
    """With workers, the controller listens on a socket, and loads nothing of what a registry is."""
    pytester.makepyfile("def test_it(): pass\n")
    pytester.makeconftest(
        """
        import sys

        def pytest_unconfigure(config):
            if not hasattr(config, "workerinput"):
                loaded = [name for name in sys.modules if name.startswith("pytest_pyreg")]
                print("LOADED", sorted(name for name in loaded if ".plugin" not in name))
        """
    )

    result = run(pytester, "-n1")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["LOADED ['pytest_pyreg', 'pytest_pyreg.sharing']"])


def test_a_worker_that_dies_takes_nothing_with_it(pytester: pytest.Pytester) -> None:
    """The one that comes in its place finds the same registry."""
    pytester.makepyfile(
        """
        import os

        def test_one(pyreg_shared):
            pyreg_shared.upstream.add(pyreg_shared.make_wheel("public", "1"))

        def test_two(pyreg_shared):
            os._exit(1)

        def test_three(pyreg_shared):
            assert pyreg_shared.upstream.versions("public") == ["1"]
        """
    )

    result = run(pytester, "-n1")

    result.assert_outcomes(passed=2, failed=1)


@pytest.mark.parametrize("arguments", [("-n2",), ("-pno:xdist",)], ids=" ".join)
def test_a_failed_test_tells_its_own_requests_and_no_secret(
    pytester: pytest.Pytester, arguments: tuple[str, ...]
) -> None:
    """Not those of the other tests; and the token is nowhere, however much is shown."""
    pytester.makepyfile(
        """
        def token(pyreg_shared):
            return pyreg_shared._far.link._token

        def test_other(pyreg_shared):
            pyreg_shared.upload(pyreg_shared.make_wheel("other", "1"))

        def test_refused(pyreg_shared, tmp_path_factory, pytestconfig):
            (pytestconfig.rootpath / "tokens").write_text(token(pyreg_shared) + "\\n" + pyreg_shared.reader.secret)
            pyreg_shared.upload(pyreg_shared.make_wheel("demo", "1"), credential=pyreg_shared.reader)

        def test_wrong(pyreg_shared):
            registry, reader = pyreg_shared, pyreg_shared.reader
            pyreg_shared.delete("nothing")

        def test_plain():
            assert 0
        """
    )

    result = run(pytester, *arguments, "-vv", "--showlocals")

    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(["*-- pyreg_shared --*", "*requests: 1, refused: 1", "*POST * -> 403 Forbidden*"])
    assert str(result.stdout).count("- pyreg_shared -") == 2
    control, reader = (pytester.path / "tokens").read_text().split()
    assert not [secret for secret in (control, reader) if secret in f"{result.stdout}{result.stderr}"]
    # Nor with the frames that are hidden otherwise.
    result = run(pytester, *arguments, "-vv", "--showlocals", "--full-trace")
    control, reader = (pytester.path / "tokens").read_text().split()
    assert not [secret for secret in (control, reader) if secret in f"{result.stdout}{result.stderr}"]


@pytest.mark.parametrize("arguments", [("-n1",), ("-pno:xdist",)], ids=" ".join)
def test_a_registry_that_cannot_be_made(pytester: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    """The tests that want it say why, in one line."""
    pytester.makepyfile("def test_it(pyreg_shared): pass\n")
    pytester.makeconftest(
        """
        import pytest_pyreg.plugin.shared as shared

        def broken(*_):
            raise ValueError("the moon is full")

        shared.new = broken
        """
    )

    result = run(pytester, *arguments)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["pyreg_shared: the moon is full"])


def test_its_flavour_is_the_runs(pytester: pytest.Pytester) -> None:
    """As that of `pyreg`; the time that a client may run, too."""
    pytester.makeini("[pytest]\npyreg_timeout = 0.01\n")
    pytester.makepyfile(
        """
        import pytest
        from pytest_pyreg import CommandFailed

        def test_it(pyreg_shared):
            assert pyreg_shared.flavour.name == "gitea@1.23"
            with pytest.raises(CommandFailed, match="still running after 0.01 seconds"):
                pyreg_shared.run("sleep", "60")
        """
    )

    run(pytester, "--pyreg-flavour=gitea@1.23", "-n1").assert_outcomes(passed=1)


def test_what_would_meet_others_is_not_for_it(pytester: pytest.Pytester) -> None:
    """A fault, a lie, a way back: each says what to ask for instead; the rest is there."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("name", ["faults", "lies", "check", "snapshot", "restore"])
        def test_it(pyreg_shared, name):
            with pytest.raises(AttributeError, match="the others would meet it; ask for the fixture pyreg"):
                getattr(pyreg_shared, name)
            assert pyreg_shared.files("demo") == set()
        """
    )

    run(pytester).assert_outcomes(passed=5)

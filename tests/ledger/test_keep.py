"""`--pyreg-keep`: a failed test's registries leave their state; what passes leaves nothing."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

FAILING = """
def test_it(pyreg):
    pyreg.upload(*pyreg.make_dists("demo", "1.0"))
    pyreg.upstream.add(pyreg.make_wheel("other", "1.0"))
    pyreg.install("absent")
"""


def kept(result: pytest.RunResult) -> list[Path]:
    """Return the folders that a run names."""
    return [Path(found) for found in re.findall(r"what was stored and asked is in ([^,\n]+)", str(result.stdout))]


def names(folder: Path) -> set[str]:
    """Return the files of a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("options", [(), ("-n1",)], ids=["alone", "xdist"])
def test_a_failed_test_leaves_its_state(pytester: pytest.Pytester, options: tuple[str, ...]) -> None:
    """Files to the byte, requests for people and for programs, who stored what; the same of upstream."""
    pytester.makepyfile(FAILING)

    result = pytester.runpytest_subprocess("--pyreg-keep", *options)

    (folder,) = kept(result)
    whl, tgz = (f"files/acme/demo/demo/1.0/demo-1.0{end}" for end in ("-py3-none-any.whl", ".tar.gz"))
    other = "files/index/other/1.0/other-1.0-py3-none-any.whl"
    told = {"requests.txt", "requests.json", "projects.json"}
    assert folder.name == "pyreg"
    assert names(folder) == {*told, whl, tgz, f"upstream/{other}", *(f"upstream/{name}" for name in told)}
    stored = json.loads((folder / "projects.json").read_text())
    assert [(one["filename"], one["uploaded_by"], one["kept"]) for one in stored] == [
        (Path(whl).name, "user publisher", whl),
        (Path(tgz).name, "user publisher", tgz),
    ]
    assert (folder / whl).stat().st_size == stored[0]["size"]
    asked = json.loads((folder / "requests.json").read_text())
    assert [(one["method"], one["status"], one["action"]) for one in asked] == [
        ("POST", 201, "upload"),
        ("POST", 201, "upload"),
        ("GET", 302, "project page"),
    ]
    assert "-> 201 Created  demo-1.0.tar.gz  [user publisher]" in (folder / "requests.txt").read_text()


def test_nothing_is_left_of_what_passes(pytester: pytest.Pytester) -> None:
    """Nor of a failure without the option."""
    base = pytester.path / "base"
    pytester.makepyfile("def test_it(pyreg, tmp_path): pyreg.add(pyreg.make_wheel('demo', '1'))\n")
    pytester.runpytest("--pyreg-keep", f"--basetemp={base}").assert_outcomes(passed=1)
    assert not names(base)

    pytester.makepyfile(FAILING)
    result = pytester.runpytest(f"--basetemp={base}")

    assert not kept(result)
    assert not names(base)


def test_its_own_tmp_path_and_a_folder_each(pytester: pytest.Pytester) -> None:
    """In the test's `tmp_path` if it has one, beside what it has put there itself."""
    pytester.makepyfile(
        """
        def test_it(make_pyreg, tmp_path):
            (tmp_path / "pyreg").mkdir()
            (tmp_path / "here").write_text("")
            make_pyreg("gitlab@17.1"), make_pyreg("gitea@1.23")
            assert False
        """
    )

    (folder,) = kept(pytester.runpytest("--pyreg-keep"))

    assert folder.name == "pyreg-2"
    assert (folder.parent / "here").exists()
    assert sorted(path.name for path in folder.iterdir()) == ["1-gitlab@17.1", "2-gitea@1.23"]


@pytest.mark.parametrize("policy", ["all", "failed"])
def test_a_failing_setup(pytester: pytest.Pytester, policy: str) -> None:
    """Pytest removes its `tmp_path` where only failed tests keep theirs, so the state goes elsewhere."""
    pytester.makeini(f"[pytest]\ntmp_path_retention_policy = {policy}\n")
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def broken(pyreg, tmp_path):
            pyreg.add(pyreg.make_wheel("demo", "1.0"))
            raise OSError

        def test_it(broken): pass
        """
    )

    (folder,) = kept(pytester.runpytest_subprocess("--pyreg-keep"))

    assert "files/acme/demo/demo/1.0/demo-1.0-py3-none-any.whl" in names(folder)


def test_a_failing_teardown_leaves_the_requests(pytester: pytest.Pytester) -> None:
    """The files are gone with the registry by then."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def late(pyreg):
            yield
            raise OSError

        def test_it(late): pass
        """
    )

    (folder,) = kept(pytester.runpytest_subprocess("--pyreg-keep"))

    assert names(folder) == {"requests.txt", "requests.json"}


@pytest.mark.parametrize("setting", ["tmp_path_retention_policy = none", "tmp_path_retention_count = 0"])
@pytest.mark.parametrize("options", [(), ("-n1",)], ids=["alone", "xdist"])
def test_pytest_would_remove_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, setting: str, options: tuple[str, ...]
) -> None:
    """Then it goes where pytest removes nothing, and says so."""
    monkeypatch.setenv("TMPDIR", str(pytester.mkdir("temporary")))
    pytester.makeini(f"[pytest]\n{setting}\n")
    pytester.makepyfile(FAILING)

    result = pytester.run(sys.executable, "-m", "pytest", "--pyreg-keep", *options)

    (folder,) = kept(result)
    assert "requests.txt" in names(folder)
    assert folder.name.startswith("pyreg-kept-")
    result.stdout.fnmatch_lines([f"--pyreg-keep: * is in {folder}, not in tmp_path: {setting.replace(' =', ' is')}"])


def test_a_folder_that_is_given_is_not_removed(pytester: pytest.Pytester) -> None:
    """Pytest leaves `--basetemp` alone, whatever the policy, so the state is in `tmp_path`."""
    pytester.makeini("[pytest]\ntmp_path_retention_policy = none\n")
    pytester.makepyfile(FAILING)
    base = pytester.path / "base"

    result = pytester.run(sys.executable, "-m", "pytest", "--pyreg-keep", f"--basetemp={base}")

    (folder,) = kept(result)
    assert folder.is_relative_to(base)
    assert "requests.txt" in names(folder)


def test_what_cannot_be_written_is_explained(pytester: pytest.Pytester) -> None:
    """And the test's own failure is seen all the same."""
    pytester.makeconftest(
        """
        from pathlib import Path
        import pytest

        @pytest.fixture(autouse=True)
        def full(monkeypatch, pyreg):
            def write_text(*args, **kwargs): raise OSError(28, "No space left on device")
            monkeypatch.setattr(Path, "write_text", write_text)
        """
    )
    pytester.makepyfile("def test_it(pyreg): assert 1 == 2\n")

    result = pytester.runpytest_subprocess("--pyreg-keep")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*assert 1 == 2", "--pyreg-keep: nothing could be kept: OSError: *No space left on device"]
    )


def test_a_file_with_a_secret_is_left_out(pytester: pytest.Pytester) -> None:
    """Its bytes are not ours to change."""
    pytester.makepyfile(
        """
        def test_it(pyreg, tmp_path):
            pyreg.add(pyreg.make_wheel("demo", "1.0"))
            path = pyreg.make_wheel("other", "1.0").write_to(tmp_path)
            with path.open("ab") as file:
                file.write(pyreg.publisher.secret.encode())
            pyreg.add(path)
            assert False
        """
    )

    (folder,) = kept(pytester.runpytest("--pyreg-keep"))

    stored = {one["filename"]: one for one in json.loads((folder / "projects.json").read_text())}
    assert stored["other-1.0-py3-none-any.whl"]["not_kept_because"] == "it holds a secret"
    assert stored["demo-1.0-py3-none-any.whl"]["kept"]

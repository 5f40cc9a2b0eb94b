"""The command `pyreg rehearse`: the acts, what each may end in, and how the command ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_pyreg import Registry, make_dists, make_sdist, make_wheel
from pytest_pyreg.cli import main
from pytest_pyreg.flavours import USUAL
from pytest_pyreg.products.gitlab import GitLab
from pytest_pyreg.rehearsal.complaints import advised, complaint, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROJECTS = Path(__file__).parents[2] / "fixtures" / "projects"
BACKENDS = ("setuptools", "hatchling", "flit", "poetry", "pdm")
PYREG = [sys.executable, "-m", "pytest_pyreg"]
STARTED = "[console_scripts]\ndemo = demo:main\n"


WRAPPED = {
    "demo.py": "try:\n    import absent\nexcept ImportError as e:\n    raise RuntimeError('install absent') from e\n"
}
"""What many do who have an extra, or a dependency that they want to be told of."""


def rehearse(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the exit code, and the acts of the first flavour by their names."""
    code = main(["rehearse", *arguments, "--json", "-"])
    report = json.loads(capsys.readouterr().out)
    return code, {act["act"]: act for act in report["flavours"][0]["acts"]}


def wheel_with(folder: Path, files: Mapping[str, str], **options: Any) -> str:  # noqa: ANN401 - as make_wheel's.
    """Write a wheel of these files, and return its path."""
    return str(make_wheel(files=files, **options).write_to(folder))


def main_of(code: str) -> dict[str, str]:
    """Return the files of a program."""
    return {"demo.py": f"def main():\n    {code}\n", "demo-1.0.dist-info/entry_points.txt": STARTED}


@pytest.mark.parametrize("backend", ["hatchling", "setuptools"])
def test_a_project_is_built_and_goes_through(backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All acts, with a flavour that is private and one that is public; what is written is what was printed."""
    project = shutil.copytree(PROJECTS / backend, tmp_path / "project")
    html = tmp_path / "report.html"

    code = main(["rehearse", str(project), "--no-isolation", "--flavour", "gitlab@17,pypi", "--html", str(html)])

    out, err = capsys.readouterr()
    assert code == 0, out
    table = [" ".join(line.split()) for line in out.splitlines()[1:4]]
    assert out.startswith(f"hello-{backend} 1.0: hello_{backend}-1.0-py3-none-any.whl, hello_{backend}-1.0.tar.gz\n")
    assert table[1] == "gitlab@17 ok ok ok ok job fails: 400 Bad Request turned away: 404 turned away: 404"
    assert table[2].startswith("pypi@")
    assert table[2].endswith(" ok ok ok ok taken; nothing changes turned away: 403 public: all may")
    assert "Bad request - Validation failed: File name has already been taken" in " ".join(out.split())
    assert out.endswith("every registry would take this release, and it works\n")
    assert "and it works." in html.read_text()
    assert len(err.splitlines()) == 1 + 2 * 7
    assert "\x1b" not in out + err
    assert "started: hello-" in err
    assert f"hello_{backend}-1.0-py3-none-any.whl" in html.read_text()
    assert not (project / "dist").exists()


@pytest.mark.clients
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_is_built_in_isolation(
    backend: str,
    wheelhouse: Callable[[Path], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By `build` as the author runs it, with requirements from the caller's own index, here a folder; then the table.

    All acts go well with every product, the wheel and the sdist came out of this project, and the table says so.
    """
    backends = wheelhouse(Path(__file__).with_name("backends.txt"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(backends))
    project = shutil.copytree(PROJECTS / backend, tmp_path / "project")
    file = tmp_path / "report.json"

    code = main(["rehearse", str(project), "--sdist", "--json", str(file)])

    out, err = capsys.readouterr()
    report = json.loads(file.read_text())
    assert code == 0, out
    assert {each["name"] for each in report["files"]} == {
        f"hello_{backend}-1.0-py3-none-any.whl",
        f"hello_{backend}-1.0.tar.gz",
    }
    for played in report["flavours"]:
        acts = {act["act"]: act for act in played["acts"]}
        assert {act["outcome"] for act in acts.values()} == {"fine"}
        assert len(acts) == 8
        assert acts["start"]["summary"] == f"started: hello-{backend}"
        assert acts["from sdist"]["summary"] == f"imported: hello_{backend}"
    rows = [line.split() for line in out.splitlines()[2 : 2 + len(USUAL)]]
    assert [row[0].partition("@")[0] for row in rows] == list(USUAL)
    assert [row[1:6] for row in rows] == [["ok"] * 5] * len(USUAL)
    assert out.endswith("every registry would take this release, and it works\n")
    assert "Traceback" not in err


def test_a_backend_that_is_nowhere_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The twin of the above: what the build needs comes from where the caller's pip looks, or not at all."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    project = shutil.copytree(PROJECTS / "pdm", tmp_path / "project")

    assert main(["rehearse", str(project)]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert "(exit code 1): No matching distribution found for pdm-backend>=2.3\n" in err
    assert "PIP_INDEX_URL" in err


@pytest.mark.parametrize(
    ("files", "requires", "outcomes"),
    [
        ({"demo.py": ""}, (), ["fine", "skipped"]),
        ({"demo.py": "import absent"}, (), ["broken", "skipped"]),
        ({"demo.py": "import absent"}, ("absent",), ["untold", "skipped"]),
        ({"demo.py": "import demo_left_out", "demo_left_out.txt": ""}, (), ["broken", "skipped"]),
        ({"demo/__init__.py": "from demo import part"}, ("absent",), ["broken", "skipped"]),
        ({"data.txt": ""}, (), ["skipped", "skipped"]),
        (main_of("raise SystemExit('usage: demo WHAT')"), (), ["fine", "fine"]),
        (main_of("1 / 0"), (), ["fine", "broken"]),
        (main_of("import absent"), ("absent",), ["fine", "untold"]),
        (main_of("import os; os.kill(os.getpid(), 9)"), (), ["fine", "broken"]),
        ({"demo.py": "", "demo-1.0.dist-info/entry_points.txt": STARTED}, (), ["fine", "broken"]),
        (WRAPPED, ("absent",), ["untold", "skipped"]),
        ({"demo.py": "raise SystemExit(0)"}, (), ["broken", "skipped"]),
        ({"demo.py": "import sys; sys.stdout = None"}, (), ["fine", "skipped"]),
        (WRAPPED, ("other",), ["broken", "skipped"]),
    ],
)
def test_what_was_installed_works_or_does_not(
    files: dict[str, str],
    requires: tuple[str, ...],
    outcomes: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A dependency that was not to be installed is told apart from a wheel that is broken."""
    code, acts = rehearse(
        capsys, "--dist", wheel_with(tmp_path, files, requires=requires), "--flavour", "pep503", "--timeout", "60"
    )

    assert [acts[name]["outcome"] for name in ("import", "start")] == outcomes
    assert code == int("broken" in outcomes)
    assert all(each["words"] for name in ("import", "start") for each in acts[name]["objections"])


@pytest.mark.parametrize(
    ("code", "words", "advice"),
    [
        ("open('absent.txt')", "FileNotFoundError: [Errno 2]", "look into the wheel"),
        ("from demo import part", "ImportError: cannot import name 'part'", "[project.scripts]"),
        ("import demo.part", "ModuleNotFoundError: No module named 'demo.part'", "look into the wheel"),
        ("import os; os.environ['ABSENT']", "KeyError: 'ABSENT'", "environment variable"),
        ("input()", "EOFError: ", "nobody is there to answer"),
        ("raise ValueError('one\\ntwo')", "ValueError: one two", "--html"),
    ],
)
def test_advice_goes_by_what_was_raised(code: str, words: str, advice: str) -> None:
    """The message is whole, and the last exception counts; what nobody knows is in the report."""
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys, types\nsys.modules['demo'] = types.ModuleType('demo')\n{code}"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )

    told = complaint(ran.stderr)

    assert told.startswith(words)
    assert advice in advised(told, missing(told), {"demo"})


def test_a_program_that_goes_on_has_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ended, with all that it started."""
    monkeypatch.setattr("pytest_pyreg.rehearsal.working.START_SECONDS", 0.5)
    files = main_of("import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)")

    code, acts = rehearse(capsys, "--dist", wheel_with(tmp_path, files), "--flavour", "pep503")

    assert (code, acts["start"]["outcome"]) == (0, "fine")
    pid, _, words = acts["start"]["output"].partition("\n")
    assert "still running after 0.5 seconds, and ended" in words
    assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text()


def test_a_module_that_hangs_is_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After the time that everything has."""
    wheel = wheel_with(tmp_path, {"demo.py": "import time; time.sleep(60)"})

    code, acts = rehearse(capsys, "--dist", wheel, "--flavour", "pep503", "--timeout", "5")

    assert (code, acts["import"]["outcome"]) == (1, "broken")
    assert acts["import"]["objections"][0]["words"] == "still not imported after 5 seconds, and ended"


def test_dependencies_from_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are installed too, and imports tell; a folder that holds the release itself would prove nothing."""
    wheel = wheel_with(tmp_path / "dist", {"demo.py": "import helper"}, requires="helper")
    make_wheel("helper").write_to(tmp_path / "deps")
    make_wheel("demo").write_to(tmp_path / "wrong")

    code, acts = rehearse(capsys, "--dist", wheel, "--flavour", "gitea", "--deps", str(tmp_path / "deps"))

    assert (code, acts["import"]["outcome"]) == (0, "fine")
    assert main(["rehearse", "--dist", wheel, "--deps", str(tmp_path / "wrong")]) == 2
    assert "has the release itself, demo-1.0-py3-none-any.whl" in capsys.readouterr().err


def test_dependencies_from_the_caller_s_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which is asked by the caller's own pip; the release itself comes from the registry, though the index has it."""
    wheel = wheel_with(tmp_path / "dist", {"demo.py": "import helper"}, requires="helper")
    with Registry("pep503") as index:
        index.add(make_wheel("helper", requires="demo"), make_wheel("demo", "1.0", files={"demo.py": "1 / 0"}))
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", index.index_url)

        code, acts = rehearse(capsys, "--dist", wheel, "--flavour", "gitlab@17", "--deps", "index")
        asked = {exchange.project for exchange in index.log}

    assert (code, acts["import"]["outcome"]) == (0, "fine")
    assert asked >= {"helper"}


def test_files_of_several_releases_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As lie in a `dist` that nobody cleaned."""
    for version in ("1.0", "1.1"):
        make_wheel("demo", version).write_to(tmp_path)

    assert main(["rehearse", "--dist", str(tmp_path)]) == 2
    assert "several releases, demo 1.0, demo 1.1; give those of one" in capsys.readouterr().err


def test_the_sdist_is_installed_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the registry, with the backend that is here; an sdist that lacks a file is found out."""
    project = shutil.copytree(PROJECTS / "hatchling", tmp_path / "project")
    dists = [str(dist.write_to(tmp_path / "dist")) for dist in make_dists(files={"demo.py": ""})]
    broken = str(make_sdist(files={"demo.py": "import absent"}).write_to(tmp_path / "broken"))

    code, acts = rehearse(capsys, str(project), "--no-isolation", "--sdist", "--flavour", "pep503")
    assert (code, acts["from sdist"]["summary"]) == (0, "imported: hello_hatchling")
    assert any(one["path"].endswith(".tar.gz") for one in acts["from sdist"]["requests"])

    code, acts = rehearse(
        capsys, "--dist", dists[0], "--dist", broken, "--no-isolation", "--sdist", "--flavour", "gitea"
    )
    assert (code, acts["import"]["outcome"], acts["from sdist"]["outcome"]) == (1, "fine", "broken")

    assert main(["rehearse", "--dist", dists[0], "--sdist"]) == 2
    assert "there is no sdist to install from" in capsys.readouterr().err


def test_the_sdist_is_built_in_isolation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One whose backend needs nothing: nothing is fetched."""
    dists = [str(dist.write_to(tmp_path)) for dist in make_dists()]

    code, acts = rehearse(capsys, "--dist", dists[0], dists[1], "--sdist", "--flavour", "gitlab@17")

    assert (code, acts["from sdist"]["summary"]) == (0, "imported: demo")


def test_an_sdist_alone_is_uploaded_and_not_installed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to install without a build backend, and that is said."""
    code, acts = rehearse(capsys, "--dist", str(make_sdist().write_to(tmp_path)), "--flavour", "pep503")

    assert code == 0
    assert (acts["upload"]["outcome"], acts["install"]["outcome"]) == ("fine", "skipped")
    assert acts["install"]["summary"] == "no wheel was taken"


def test_another_python_is_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The wheel is for another one, which is said."""
    wheel = wheel_with(tmp_path, {"demo.py": ""}, requires_python="<3")

    code, acts = rehearse(capsys, "--dist", wheel, "--flavour", "pep503")

    assert (code, acts["install"]["summary"].partition(",")[0]) == (0, "needs Python <3")


@pytest.mark.parametrize(
    ("files", "options", "reason"),
    [
        ({"demo.py": ""}, {"requires_python": ">=3.99"}, "install: needs Python >=3.99, and this is 3."),
        ({}, {}, "import: the wheel has no module to import: is all of it packed?"),
        ({"demo.py": "import absent"}, {"requires": "absent"}, "import: dependencies are missing"),
        ({"demo.py": ""}, {"tag": "cp27-none-win32"}, "install: no wheel is for this machine"),
        (None, {}, "install: no wheel was taken"),
    ],
)
def test_what_was_not_tried_does_not_work(
    files: dict[str, str] | None,
    options: dict[str, str],
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nobody says that it does: what was not tried is said, with why, on the terminal, in the page and as data."""
    dist = make_sdist() if files is None else make_wheel(files=files or {"data.txt": ""}, **options)  # type: ignore[arg-type]
    reports = [tmp_path / "r.json", tmp_path / "r.html"]
    arguments = ["--dist", str(dist.write_to(tmp_path / "dist")), "--flavour", "pep503"]

    code = main(["rehearse", *arguments, "--json", str(reports[0]), "--html", str(reports[1])])

    out = " ".join(capsys.readouterr().out.split())
    page = reports[1].read_text()
    (untried,) = json.loads(reports[0].read_text())["untried"]
    assert code == 0
    assert untried.startswith(reason)
    assert f"it would take this release; not tried: {reason}" in out
    assert out.count(f"not tried: {reason}") == 2
    assert "it works" not in out + page
    assert 'class="banner open"' in page


def test_a_stranger_who_gets_in_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one who is refused only because the publisher was there before; the twin of all other rehearsals here."""
    monkeypatch.setattr(GitLab, "stranger", GitLab.publisher)

    code, acts = rehearse(capsys, "--dist", wheel_with(tmp_path, {"demo.py": ""}), "--flavour", "gitlab@17")

    assert code == 1
    assert [acts[f"stranger {does}"]["outcome"] for does in ("uploads", "installs")] == ["open", "open"]


def test_no_secret_is_in_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the registry's nor the caller's."""
    told: list[str] = []
    start = GitLab.start

    def listening(self: GitLab) -> GitLab:
        started = start(self)
        told.extend(self.world.secrets())
        return started

    monkeypatch.setattr(GitLab, "start", listening)
    monkeypatch.setenv("CI_JOB_TOKEN", "the-caller-s-own")
    files = main_of("import os; print(dict(os.environ)); 1 / 0")
    reports = [tmp_path / "r.json", tmp_path / "r.html"]

    wheel = wheel_with(tmp_path, files)
    main(["rehearse", "--dist", wheel, "--flavour", "gitlab", "--json", str(reports[0]), "--html", str(reports[1])])

    texts = [report.read_text() for report in reports]
    assert all("TWINE_NON_INTERACTIVE" in text for text in texts)
    assert len(told) >= 3
    assert not [secret for secret in (*told, "the-caller-s-own") for text in texts if secret in text]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "there is no folder 'nowhere'"),
        (["."], "no pyproject.toml and no setup.py is in '.'"),
        (["--dist", "nowhere.whl"], "there is no file 'nowhere.whl'"),
        (["--dist", "failing"], "no wheel (.whl) and no sdist (.tar.gz) is in the folder 'failing'"),
        (["--dist", "x.txt"], "'x.txt' is no wheel (.whl) and no sdist"),
        (["--dist", "bad.whl"], "bad.whl is not a readable wheel or sdist"),
        ([".", "--dist", "x.txt"], "not both"),
        (["--dist", "x.txt", "failing"], "not both"),
        (["--dist", "good", "--json", "x.out", "--html", "./x.out"], "--json and --html name one file"),
        ([""], "the project's folder is empty text"),
        (["--dist", "good", "--deps", ""], "there is no folder ''"),
        (["failing", "--deps", "nowhere"], "there is no folder 'nowhere'"),
        (["--dist", "good", "--deps", "empty"], "the folder 'empty' lacks colorama, of which it needs a wheel"),
        (["root"], "has neither [project] nor [build-system]"),
        (["root"], "pyreg rehearse root/packages/one (root/packages/two and so on)"),
        (["untoml"], "pyproject.toml' cannot be read"),
        (["--flavour", "gitlub"], "did you mean 'gitlab'?"),
        (["--flavour", "gitlab@99"], "gitlab@99"),
        (["--json", "no/such/folder.json"], "'no/such/folder.json' cannot be written"),
        (["failing"], "it printed:\n"),
        (["failing"], "  the backend's own complaint"),
        (["raising"], "'raising' does not build (exit code 1): ValueError: no such thing\n"),
    ],
)
def test_wrong_calls_are_told(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With code 2, in words, without a traceback of ours."""
    monkeypatch.chdir(tmp_path)
    Path("x.txt").touch()
    Path("bad.whl").write_text("none")
    Path("failing").mkdir()
    backend = '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n'
    Path("failing", "pyproject.toml").write_text(backend)
    for name in ("raising", "root/packages/one", "root/packages/two", "untoml", "empty"):
        Path(name).mkdir(parents=True)
        Path(name, "pyproject.toml").write_text(backend)
    Path("raising", "own.py").write_text('raise ValueError("no such thing")\n')
    Path("root", "pyproject.toml").write_text("[tool.uv.workspace]\nmembers = ['packages/*']\n")
    Path("untoml", "pyproject.toml").write_text("[")
    make_wheel(requires="colorama").write_to("good")
    Path("failing", "own.py").write_text('import sys\nsys.exit("the backend\'s own complaint")\n')

    code = main(["rehearse", *arguments])

    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert words in err
    assert "TIP" not in err
    built = len(arguments) == 1 and arguments[0] in {"failing", "raising"}
    assert any(line.startswith("build ") for line in err.splitlines()) is built


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon"])
def test_a_time_is_a_number(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Above zero."""
    with pytest.raises(SystemExit, match="2"):
        main(["rehearse", "--timeout", text])
    assert "a time is a number of seconds above zero" in capsys.readouterr().err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_who_is_interrupted_cleans_up(number: signal.Signals, code: int, tmp_path: Path) -> None:
    """The child is ended, nothing is left in the folder for temporary files, no traceback is printed."""
    home = tmp_path / "tmp"
    home.mkdir()
    wheel = wheel_with(tmp_path, {"demo.py": "import time, os; print('x'); time.sleep(60)"})
    process = subprocess.Popen(
        [*PYREG, "rehearse", "--dist", wheel, "--flavour", "pep503"],
        env={**os.environ, "TMPDIR": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests may ignore it.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - as said.
    )
    assert process.stderr is not None
    while "install" not in process.stderr.readline():  # The import is next, and hangs.
        pass

    process.send_signal(number)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (code, "")
    assert "Traceback" not in err
    assert list(home.iterdir()) == []


def test_a_build_that_hangs_is_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what it had printed, and what to try."""
    backend = '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n'
    (tmp_path / "pyproject.toml").write_text(backend)
    (tmp_path / "own.py").write_text("import time\nprint('here', flush=True)\ntime.sleep(60)\n")

    assert main(["rehearse", str(tmp_path), "--no-isolation", "--timeout", "3"]) == 2

    err = capsys.readouterr().err
    assert "was not done after 3 seconds and was ended; --timeout gives it more" in err
    assert "here" in err


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_gets_colours_and_live_lines(no_color: str, tmp_path: Path) -> None:
    """Unless NO_COLOR is set; the lines are rewritten all the same."""
    pty = pytest.importorskip("pty")
    wheel = wheel_with(tmp_path, {"demo.py": ""})
    master, slave = pty.openpty()
    try:
        process = subprocess.Popen(
            [*PYREG, "rehearse", "--dist", wheel, "--flavour", "pep503"],
            env={**os.environ, "NO_COLOR": no_color, "TERM": "xterm"},
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)
        printed = b""
        while True:
            try:
                block = os.read(master, 4096)
            except OSError:  # As Linux ends it.
                break
            if not block:
                break
            printed += block
        assert process.wait(timeout=30) == 0
    finally:
        os.close(master)

    assert b"\r\x1b[Kpep503@1  upload" in printed
    assert (b"\x1b[32mok" in printed) is not bool(no_color)


def test_check_prints_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files by flavours, and what each has against them; 1 if one has, 0 if none."""
    good = [str(dist.write_to(tmp_path / "good")) for dist in make_dists()]
    make_wheel(classifiers=["No"]).write_to(tmp_path / "bad")

    assert main(["check", *good]) == 0
    assert capsys.readouterr().out.endswith("every registry would take this release\n")
    assert main(["check", str(tmp_path / "bad"), "--flavour", "gitlab@17", "--flavour", "pypi"]) == 1
    out = capsys.readouterr().out
    assert out.splitlines()[1].split() == ["demo-1.0-py3-none-any.whl", "ok", "REFUSED"]
    assert "400 Bad Request: 'No' is not a valid classifier." in out
    assert "-> take it, to the letter, from `python -m trove_classifiers`" in out


@pytest.mark.parametrize("name", ["demo-1.0.zip", "demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl"])
@pytest.mark.parametrize("command", [["check"], ["rehearse", "--dist"]])
def test_an_empty_archive_is_no_distribution(
    command: list[str], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both tasks say so, and ask no registry."""
    with tarfile.open(tmp_path / name, "w:gz") if name.endswith("gz") else zipfile.ZipFile(tmp_path / name, "w"):
        pass

    assert main([*command, str(tmp_path / name)]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert name in err
    assert "commonpath" not in err


def test_a_program_with_windows_is_not_started(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It needs a display, which is said; a console script beside it is started."""
    entry_points = "demo-1.0.dist-info/entry_points.txt"
    window = "[gui_scripts]\nwindow = demo:main\n"
    alone = wheel_with(tmp_path / "a", {"demo.py": "", entry_points: window})
    both = wheel_with(tmp_path / "b", {**main_of("pass"), entry_points: STARTED + window})

    _, acts = rehearse(capsys, "--dist", alone, "--flavour", "pep503")
    assert (acts["start"]["outcome"], acts["start"]["summary"]) == ("skipped", "needs a display: window")
    assert main(["rehearse", "--dist", both, "--flavour", "pep503"]) == 0
    out, err = capsys.readouterr()
    assert "Not tried, as it needs a display: window." in out
    assert "started: demo" in err


def test_check_writes_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To a file beside the table, or to standard output instead."""
    make_wheel(classifiers=["No"]).write_to(tmp_path)
    file = tmp_path / "report.json"

    main(["check", str(tmp_path / "*.whl"), "--flavour", "pypi", "--json", str(file)])
    table = capsys.readouterr().out
    main(["check", str(tmp_path), "--flavour", "pypi", "--json", "-"])
    printed = json.loads(capsys.readouterr().out)

    assert "REFUSED" in table
    assert json.loads(file.read_text()) == printed
    assert printed["failed"] is True
    assert printed["results"][0]["objections"][0]["rule"] == "metadata"


@pytest.mark.parametrize("argument", ["nowhere.whl", "no*.whl", "."])
def test_check_tells_what_is_no_distribution(
    argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With code 2."""
    monkeypatch.chdir(tmp_path)

    assert main(["check", argument]) == 2
    assert f"'{argument}'" in capsys.readouterr().err

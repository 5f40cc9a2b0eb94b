"""The folder: whose it is, what becomes of it, and what is said when it cannot be used."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from pytest_pyreg import CommandFailed, GitLab, PyPI, Registry, make_wheel, products
from pytest_pyreg.durable import database, disk, files
from pytest_pyreg.durable.classes import Unforeseen
from pytest_pyreg.durable.errors import NotKept, NotUsable
from pytest_pyreg.durable.part import flavour_in
from pytest_pyreg.worldfile import WorldFileError

if TYPE_CHECKING:
    from collections.abc import Callable

SAVED = Path(__file__).parent / "saved"


def filled(folder: Path, flavour: str = "gitlab@17") -> Registry:
    """Return a registry that has run, with a release, in a folder."""
    with Registry(flavour, data=folder) as registry:
        registry.add(make_wheel("demo", "1.0"))
    return registry


def _later(folder: Path) -> None:
    filled(folder)
    _sql(folder, "UPDATE row SET text = '2' WHERE key = 'format'", "UPDATE row SET text='99.0' WHERE key='written by'")


def _garbled(folder: Path) -> None:
    filled(folder)
    (folder / database.NAME).write_bytes(b"not a database at all" * 1000)


def _robbed(folder: Path) -> None:
    filled(folder)
    shutil.rmtree(folder / "files")


def _torn(folder: Path) -> None:
    filled(folder)
    whole = (folder / database.NAME).read_bytes()
    (folder / database.NAME).write_bytes(whole[:4096] + b"x" * (len(whole) - 4096))


def _in_the_way(folder: Path) -> None:
    (folder / database.NAME).mkdir(parents=True)


def _changed(folder: Path, old: str, new: str) -> None:
    filled(folder)
    _sql(folder, f"UPDATE row SET text = replace(text, '{old}', '{new}')")  # noqa: S608 - the test's own words.


def _sql(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / database.NAME)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_credentials_tokens_and_files_stay(tmp_path: Path) -> None:
    """What was told to somebody yesterday is true today, also of the index upstream."""
    world = tmp_path / "world.toml"
    world.write_text('[projects."acme/app"]\n[tokens.ci]\nkind = "deploy"\nproject = "acme/app"\n')
    with Registry("gitlab", data=tmp_path / "data", world=world) as registry:
        registry.upload(make_wheel("demo", "1.0"))
        registry.upstream.add(make_wheel("behind", "1.0"))
        registry.clock.advance(days=3)
        before = registry.publisher, registry.reader, registry.tokens, registry.clock.now().date()

    with Registry("gitlab", data=tmp_path / "data", world=world) as again:
        again.install("demo")
        again.install("behind")
        assert (again.publisher, again.reader, again.tokens, again.clock.now().date()) == before
    with Registry("gitlab", data=tmp_path / "other", world=world) as other:
        assert other.publisher != before[0]
        assert other.files("demo") == set()


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """Another one is told so, as is this one the second time; afterwards it can be had again."""
    script = f"from pytest_pyreg import Registry\nRegistry('gitlab@17', data={str(tmp_path / 'data')!r})"
    with Registry("gitlab@17", data=tmp_path / "data"):
        other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        with pytest.raises(NotUsable, match=r"is in use by another pyreg; stop that one, or name another folder"):
            Registry("gitlab@17", data=tmp_path / "data")
    assert "NotUsable" in other.stderr
    assert "is in use by another pyreg" in other.stderr

    filled(tmp_path / "data")


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda folder: filled(folder, "gitlab@16"), r"is a registry of gitlab@16, not of gitlab@17; leave the fl"),
        (lambda folder: (folder.mkdir(), (folder / "thesis.tex").touch()), r"holds other things \(thesis.tex\), and n"),
        (lambda folder: folder.touch(), r"cannot be a registry's folder: (File exists|Not a directory); name another"),
        (_later, r"was written by pytest-pyreg 99.0, in another format \(2\) than this one"),
        (_garbled, r"cannot be used: registry.db: file is not a database; restore it, or name"),
        (_torn, r"cannot be used: registry.db: database disk image is malformed; restore it, or name another folder"),
        (_in_the_way, r"cannot be used: registry.db: unable to open database file; restore it, or name another"),
        (_robbed, r"lacks the bytes of 1 files, such as files/[0-9a-f]{64}; somebody removed"),
        (
            lambda folder: _changed(folder, '"_users"', '"_people"'),
            r"cannot read it: a GitLabWorld has _people, which this version does not know; use that version, or an",
        ),
        (
            lambda folder: _changed(folder, "gitlab.places:Group", "gitlab.places:Circle"),
            r"cannot read it: there is a Circle of flavours.gitlab.places, which this version does not have; use that",
        ),
        (
            lambda folder: _changed(folder, '"lock_forwarding"', '"bolt"'),
            r"cannot read it: a Group has bolt, which this version does not know; use that version, or another folder",
        ),
    ],
    ids=[
        "flavour",
        "other things",
        "a file",
        "later",
        "garbled",
        "torn",
        "in the way",
        "robbed",
        "attribute",
        "class",
        "field",
    ],
)
def test_what_cannot_be_used(tmp_path: Path, prepare: Callable[[Path], object], message: str) -> None:
    """It is said why, and what to try, and the folder is left alone and free."""
    prepare(tmp_path / "data")
    for _ in range(2):  # The second time, nobody has it still.
        with pytest.raises(NotUsable, match=message):
            Registry("gitlab@17", data=tmp_path / "data")


def test_what_others_put_there_is_left_alone(tmp_path: Path) -> None:
    """As far as it is in nobody's way; a file that is half there and one that nobody needs go."""
    filled(tmp_path / "data")
    (tmp_path / "data" / "notes.txt").touch()
    (tmp_path / "data" / "files" / "mine").mkdir()
    (tmp_path / "data" / "files" / "arriving-1").touch()
    (tmp_path / "data" / "files" / ("0" * 64)).touch()

    filled_again = Registry("gitlab@17", data=tmp_path / "data")
    filled_again.stop()

    assert (tmp_path / "data" / "notes.txt").exists()
    left = {file.name for file in (tmp_path / "data" / "files").iterdir()}
    assert left == {"mine", make_wheel("demo", "1.0").sha256}


def test_other_peoples_files_are_not_touched(tmp_path: Path) -> None:
    """Also if they stand in a folder that is called like one of ours."""
    (tmp_path / "data" / "files").mkdir(parents=True)
    (tmp_path / "data" / "files" / "thesis.txt").write_text("years of work")
    other = tmp_path / "other"
    other.mkdir()
    connection = sqlite3.connect(other / database.NAME)
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    before = (other / database.NAME).read_bytes()

    with pytest.raises(NotUsable, match="holds other things"):
        Registry("gitlab@17", data=tmp_path / "data")
    with pytest.raises(NotUsable, match="is the database of another program; name another folder"):
        Registry("gitlab@17", data=other)

    assert (tmp_path / "data" / "files" / "thesis.txt").exists()
    assert (other / database.NAME).read_bytes() == before


def test_a_wrong_world_file_lets_go_of_the_folder(tmp_path: Path) -> None:
    """The next attempt is not told that somebody uses it."""
    (tmp_path / "world.toml").write_text("[nonsense]\n")
    for world in (tmp_path / "world.toml", tmp_path / "none.toml"):
        with pytest.raises(WorldFileError):
            Registry("gitlab@17", data=tmp_path / "data", world=world)

    filled(tmp_path / "data")
    with pytest.raises(WorldFileError, match="cannot be read there"):
        Registry("gitlab@17", data=tmp_path / "data", world=tmp_path / "none.toml")


def test_a_world_out_of_a_pipe(tmp_path: Path) -> None:
    """It can be read once, and is."""
    reading, writing = os.pipe()
    os.write(writing, b'[groups.tools]\nvisibility = "public"\n')
    os.close(writing)
    with GitLab("gitlab@17", data=tmp_path / "data", world=f"/dev/fd/{reading}") as registry:
        assert registry.group("tools").visibility.value == "public"
    os.close(reading)


def test_who_wrote_it_is_said_truly(tmp_path: Path) -> None:
    """Also after another version has looked at it in vain; and a release that is unknown is no dead end."""
    filled(tmp_path / "data")
    _sql(
        tmp_path / "data",
        "UPDATE row SET text = '99.0' WHERE key = 'written by'",
        "UPDATE row SET text = replace(text, 'gitlab.places:Group', 'gitlab.places:Circle')",
    )
    for _ in range(2):
        with pytest.raises(NotUsable, match=r"was written by pytest-pyreg 99\.0, and this version cannot read it"):
            Registry("gitlab@17", data=tmp_path / "data")

    _sql(tmp_path / "data", "UPDATE row SET text = 'gitlab@99' WHERE key = 'flavour'")
    with pytest.raises(NotUsable, match=r"was written by pytest-pyreg 99\.0, and is a registry that this version does"):
        flavour_in(tmp_path / "data")


def test_two_names_of_one_release(tmp_path: Path) -> None:
    """Are one."""
    filled(tmp_path / "data", "gitlab@19.0")
    filled_too = Registry("gitlab@19", data=tmp_path / "data")
    filled_too.stop()


def test_it_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever goes elsewhere meanwhile."""
    monkeypatch.chdir(tmp_path)
    with Registry("gitlab@17", data="data") as registry:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        registry.upload(make_wheel("demo", "1.0", files={"x.bin": "x" * 200_000}))
        registry.upstream.add(make_wheel("behind", "1.0"))

    assert {file.name for file in (tmp_path / "data").iterdir()} == {"registry.db", "files", "upstream"}
    assert not list((tmp_path / "elsewhere").iterdir())


def test_every_folder_that_is_made_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first that is new."""
    told: list[Path] = []
    real = disk.synced

    def synced(path: Path) -> None:
        told.append(path)
        real(path)

    monkeypatch.setattr(disk, "synced", synced)

    filled(tmp_path / "new" / "newer" / "data")

    assert {tmp_path, tmp_path / "new", tmp_path / "new" / "newer"} <= set(told)


def test_a_database_that_was_removed_takes_nothing(tmp_path: Path) -> None:
    """What would be written into it nobody would find."""
    registry = Registry("gitlab@17", data=tmp_path / "data").start()
    for file in (tmp_path / "data").glob("registry.db*"):
        file.unlink()
    with pytest.raises(CommandFailed, match=r"its registry\.db was removed or replaced"):
        registry.upload(make_wheel("demo", "1.0"))
    with pytest.raises(NotKept):
        registry.stop()


def test_a_last_word_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and everything ends all the same."""
    registry = Registry("gitlab@17", data=tmp_path / "data").start()
    registry.add(make_wheel("demo", "1.0"))

    def full(*_: object) -> None:
        raise NotKept("'data' cannot be written: database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(database.Database, "write", full)
        with pytest.raises(NotKept, match="disk is full"):
            registry.stop()
    registry.stop()

    with Registry("gitlab@17", data=tmp_path / "data") as again:
        assert again.files("demo") == set()


def test_a_field_that_came_later_has_its_default(tmp_path: Path) -> None:
    """A folder that an earlier version wrote is read."""
    filled(tmp_path / "data")
    _sql(tmp_path / "data", "UPDATE row SET text = replace(text, '\"archived\":false,', '')")

    with GitLab("gitlab@17", data=tmp_path / "data") as registry:
        assert registry.project("acme/demo").archived is False


@pytest.mark.parametrize("file", sorted(SAVED.glob("*.sql")), ids=lambda file: file.stem)
def test_folders_of_every_format_are_read(file: Path, tmp_path: Path) -> None:
    """One was kept when the format began; from then on it is read."""
    folder = tmp_path / "data"
    (folder / "files").mkdir(parents=True)
    connection = sqlite3.connect(folder / database.NAME)
    connection.executescript(file.read_text())
    connection.close()
    wheel = make_wheel("demo", "1.0")
    (folder / "files" / wheel.sha256).write_bytes(wheel.data)

    with products.registry(file.stem.partition(" ")[0], data=folder) as registry:
        assert registry.files("demo") == {"demo-1.0-py3-none-any.whl"}
        assert registry.publisher.secret == "publisher-secret"
        registry.install("demo", credential=registry.reader)
        registry.upload(make_wheel("demo", "2.0"))


def test_the_world_file_is_read_once(tmp_path: Path) -> None:
    """The same one may be named again; another one is refused, as its words would do nothing."""
    world = tmp_path / "world.toml"
    world.write_text('[groups.tools]\nvisibility = "public"\n')
    for _ in range(2):
        with GitLab("gitlab@17", data=tmp_path / "data", world=world) as registry:
            assert registry.group("tools").visibility.value == "public"
    with GitLab("gitlab@17", data=tmp_path / "data") as registry:
        assert registry.group("tools").visibility.value == "public"
    world.write_text('[groups.other]\nvisibility = "public"\n')

    with pytest.raises(NotUsable, match="was begun with another world file, or with none"):
        GitLab("gitlab@17", data=tmp_path / "data", world=world)


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    """There are tokens in it."""
    filled(tmp_path / "data")

    assert (tmp_path / "data").stat().st_mode & 0o77 == 0
    assert (tmp_path / "data" / database.NAME).stat().st_mode & 0o77 == 0


def test_it_is_on_the_disk_before_anybody_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File, folder, rows: in this order, and only then the reply; a reply that says no waits for nothing."""
    told: list[str] = []
    real, write = disk.synced, database.Database.write

    def synced(path: Path) -> None:
        told.append("folder" if path.is_dir() else "file")
        real(path)

    def written(self: database.Database, rows: Any, gone: Any) -> None:  # noqa: ANN401 - as it is.
        write(self, rows, gone)
        told.append("rows")

    with Registry("pypi", data=tmp_path / "data") as registry:
        monkeypatch.setattr(files, "synced", synced)
        monkeypatch.setattr(database.Database, "write", written)
        inner = registry.wsgi

        def answered(environ: Any, start_response: Any) -> Any:  # noqa: ANN401 - WSGI.
            def start(*said: Any) -> Any:  # noqa: ANN401 - WSGI.
                told.append(said[0].partition(" ")[0])
                return start_response(*said)

            return inner(environ, start)

        client = Client(answered)
        wheel = make_wheel("demo", "1.0")
        form = {":action": "file_upload", "name": "demo", "version": "1.0", "filetype": "bdist_wheel"}
        form |= {"protocol_version": "1", "metadata_version": "2.1", "pyversion": "py3", "sha256_digest": wheel.sha256}
        auth = registry.publisher.username, registry.publisher.secret
        for who in (auth, ("__token__", "nobody's")):
            client.post("/legacy/", data={**form, "content": (io.BytesIO(wheel.data), wheel.name)}, auth=who).close()
        settings = registry._keeper._database._connection.execute  # type: ignore[union-attr]
        assert settings("PRAGMA synchronous").fetchone() == (2,)
        assert settings("PRAGMA journal_mode").fetchone() == ("wal",)

    assert told[:5] == ["file", "folder", "rows", "200", "403"]


def test_what_cannot_be_written_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client is told, the log has it, nothing else is answered, and the next one begins without it."""
    with Registry("gitlab@17", data=tmp_path / "data", forwarding=False) as registry:
        registry.upload(make_wheel("demo", "1.0"))

        def full(*_: object) -> None:
            raise NotKept("'data' cannot be written: database or disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(database.Database, "write", full)
            failed = registry.run("python", "-m", "twine", "upload", _written(tmp_path, "2.0"), check=False)
        later = registry.run("python", "-m", "twine", "upload", _written(tmp_path, "3.0"), check=False)
        with pytest.raises(CommandFailed, match="database or disk is full"):  # What was refused is not on the pages.
            registry.install("demo")
        uploads = [one for one in registry.log if one.action == "upload"]
        with pytest.raises(NotKept, match="database or disk is full"):
            registry.stop()

    assert failed.returncode == later.returncode == 1
    assert "Cannot Be Kept" in " ".join((failed.stdout + failed.stderr).split()), failed.stdout
    assert {(one.status, one.refusal) for one in uploads[1:]} == {(500, "NOT_KEPT")}
    assert "so it does not count: 'data' cannot be written: database or disk is full" in uploads[1].why
    with Registry("gitlab@17", data=tmp_path / "data") as again:
        assert again.versions("demo") == ["1.0"]


def _written(folder: Path, version: str) -> str:
    return str(make_wheel("demo", version).write_to(folder))


def test_a_snapshot_goes_back_in_the_folder_too(tmp_path: Path) -> None:
    """What was restored is what the next one begins with."""
    with PyPI(data=tmp_path / "data") as registry:
        registry.add(make_wheel("demo", "1.0"))
        snapshot = registry.snapshot()
        registry.upload(make_wheel("demo", "2.0"), make_wheel("other", "1.0"))
        registry.restore(snapshot)
        assert registry.versions("demo") == ["1.0"]

    with PyPI(data=tmp_path / "data") as again:
        assert again.versions("demo") == ["1.0"]
        assert again.projects() == {"demo"}
        again.upload(make_wheel("demo", "2.0"))
    assert len(list((tmp_path / "data" / "files").iterdir())) == 2


def test_what_nobody_foresaw_is_an_error(tmp_path: Path) -> None:
    """Rather than to be forgotten in silence."""
    with Registry("gitlab@17", data=tmp_path / "data") as registry:
        registry.world.surprise = Path(os.devnull).open()  # type: ignore[attr-defined]  # noqa: SIM115 - closed below.
        with pytest.raises(Unforeseen, match=r"a registry holds a _io\.TextIOWrapper, which nobody knows how to keep"):
            registry.save()
        registry.world.surprise.close()  # type: ignore[attr-defined]
        del registry.world.surprise  # type: ignore[attr-defined]


def test_options_that_do_not_go_together(tmp_path: Path) -> None:
    """Neither is silently left out."""
    with pytest.raises(ValueError, match="data and upstream do not go together"):
        Registry(data=tmp_path / "data", upstream=tmp_path)
    with pytest.raises(ValueError, match="data is a folder, not 5"):
        Registry(data=5)  # type: ignore[arg-type]
    assert not (tmp_path / "data").exists()


def test_the_database_is_loaded_only_for_it() -> None:
    """A registry without a folder starts as fast as before."""
    script = "import sys\nfrom pytest_pyreg import Registry\nRegistry({}).stop()\nprint({!r} in sys.modules)"

    def loaded(options: str) -> str:
        code = script.format(options, database.__name__)
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert loaded("") == "False\n"


def test_the_database_is_loaded_for_it(tmp_path: Path) -> None:
    """The twin of the above."""
    filled(tmp_path / "data")

    assert database.__name__ in sys.modules

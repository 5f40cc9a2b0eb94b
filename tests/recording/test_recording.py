"""What a real index has is recorded when that is wanted, and served again without it."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import CommandFailed, Registry
from pytest_pyreg.recording import configured

if TYPE_CHECKING:
    from pathlib import Path

    from tests.recording.conftest import Get, Use

JSON = "application/vnd.pypi.simple.v1+json"
CLIENTS = ["pip", "uv"]
INSTALLED = {"app-two": "1.0", "lib": "2.0"}


def normal(distributions: dict[str, str]) -> dict[str, str]:
    """Return what is installed by normalized names."""
    return {name.lower().replace("_", "-"): version for name, version in distributions.items()}


@pytest.mark.parametrize("client", CLIENTS)
def test_what_is_recorded_is_served_without_the_real_index(real: Registry, folder: Path, client: str) -> None:
    """A project, what it depends on, and their files; the second time nobody is asked, and nobody is there."""
    with Registry("gitlab@17", upstream=folder, record=True) as registry:
        assert normal(registry.install("app-two", client=client).distributions()) == INSTALLED
        assert {exchange.status for exchange in registry.upstream.log} == {200}
    asked = real.log.count
    real.stop()

    with Registry("gitlab@17", upstream=folder) as registry:
        assert normal(registry.install("app-two", client=client).distributions()) == INSTALLED
        assert registry.upstream.log[0].why == f"it was recorded in {folder}"
    assert real.log.count == asked


@pytest.mark.parametrize("client", CLIENTS)
def test_without_the_word_nothing_leaves(
    real: Registry, folder: Path, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a registry by itself nor one that serves a folder asks anybody, nor looks where it could."""
    monkeypatch.setattr(configured, "find", lambda: pytest.fail("it looked for an index"))
    folder.mkdir()

    for options in ({}, {"upstream": folder}):
        with Registry("gitlab@17", **options) as registry:  # type: ignore[arg-type]
            with pytest.raises(CommandFailed):
                registry.install("lib", client=client)
            assert registry.upstream.log[-1].status == 404

    assert not real.log
    assert not list(folder.iterdir())


def test_what_is_not_recorded_is_not_there(folder: Path, get: Get) -> None:
    """A 404, as of any project that is not there; the log says where it was looked for."""
    folder.mkdir()
    with Registry("pypi") as registry:
        registry.replay(folder)

        assert get(f"{registry.index_url}/lib/").status_code == 404
        assert registry.log[0].why == f"no file of a project 'lib' is stored in 'index'; nor is it recorded in {folder}"


def test_what_nobody_has_is_not_there(real: Registry, folder: Path, get: Get) -> None:
    """The same while recording: it is asked for once, and not recorded."""
    with Registry("pypi") as registry:
        registry.record(folder)

        assert [get(f"{registry.index_url}/absent/").status_code for _ in range(2)] == [404, 404]
        assert registry.log[0].why.endswith("; nor has it the index that pip is configured for")
    assert real.log.count == 1
    assert not folder.exists()


def test_a_page_is_readable_and_holds_no_address(real: Registry, folder: Path, get: Get) -> None:
    """As PEP 691 has it, without addresses; files come when somebody fetches them."""
    real.yank("lib", "1.0", "broken")
    with Registry("pypi") as registry:
        registry.record(folder)
        page = get(f"{registry.index_url}/lib/", Accept=JSON).json()
        sdist = next(file for file in page["files"] if file["filename"].endswith(".tar.gz"))
        assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [".lock", "page.json"]

        assert get(sdist["url"]).status_code == 200

    told = json.loads((folder / "lib" / "page.json").read_text())
    assert (told["name"], len(told["files"])) == ("lib", 3)
    assert told["recorded"]
    first = next(file for file in told["files"] if file["filename"] == sdist["filename"])
    assert first["hashes"] == sdist["hashes"]
    assert (first["yanked"], first["size"], first["upload-time"]) == ("broken", sdist["size"], sdist["upload-time"])
    assert "http" not in (folder / "lib" / "page.json").read_text()
    assert {path.name for path in (folder / "lib").iterdir()} == {"page.json", sdist["filename"]}


@pytest.mark.parametrize("kind", ["pypi", "pep503", "gitlab@17"])
def test_the_real_index_can_be_any(use: Use, folder: Path, get: Get, kind: str) -> None:
    """One that speaks JSON, one that speaks HTML, and one with logins; what they tell is shown as the product does."""
    with Registry(kind) as real, Registry("pypi") as registry:
        wheel = real.make_wheel("demo", "1.0", requires_python=">=3.8")
        real.add(wheel)
        use(real.index_url.replace("://", f"://{real.reader.username}:{real.reader.secret}@"))
        registry.record(folder)

        (file,) = get(f"{registry.index_url}/demo/", Accept=JSON).json()["files"]
        content = get(file["url"])

        assert (file["filename"], file["requires-python"]) == (wheel.name, ">=3.8")
        assert file["hashes"]["sha256"] == wheel.sha256
        assert content.content == wheel.data
        assert registry.install("demo", client="uv").distributions() == {"demo": "1.0"}


def test_pages_are_the_same_as_the_real_ones(real: Registry, folder: Path, get: Get) -> None:
    """But for serials and addresses: names, sizes, times, digests, what was taken back and for which Python it is."""
    real.yank("lib", "2.0")
    pages = []
    with Registry("pypi") as registry:
        registry.record(folder)
        for index in (real, registry):
            page = get(f"{index.index_url}/lib/", Accept=JSON).json()
            del page["meta"]["_last-serial"]
            for file in page["files"]:
                del file["url"]
            pages.append(page)
            pages.append(get(f"{index.index_url}/app-two/", Accept=JSON).json()["files"][0]["requires-python"])

    assert pages[:2] == pages[2:]
    assert {file["yanked"] for file in pages[0]["files"]} == {True, False}


@pytest.mark.parametrize("client", CLIENTS)
def test_installers_heed_what_was_recorded(real: Registry, folder: Path, client: str) -> None:
    """A release that was taken back, and one for another Python, are passed over while recording and after."""
    real.add(real.make_wheel("lib", "3.0", requires_python=">=4"), real.make_wheel("lib", "2.5"))
    real.yank("lib", "2.5", "broken")
    for record in (True, False):
        with Registry("pypi") as registry:
            (registry.record if record else registry.replay)(folder)
            assert registry.install("lib", client=client).distributions() == {"lib": "2.0"}
            with pytest.raises(CommandFailed):
                registry.install("lib==3.0", client=client)
    real.stop()


def test_metadata_comes_by_itself(real: Registry, folder: Path, get: Get) -> None:
    """A wheel's metadata is fetched and kept without the wheel; without it, it is not offered afterwards."""
    with Registry("pypi") as registry:
        registry.record(folder)
        files = get(f"{registry.index_url}/lib/", Accept=JSON).json()["files"]
        wheels = [file for file in files if file["core-metadata"]]
        text = get(f"{wheels[0]['url']}.metadata")
        assert (len(wheels), text.status_code) == (2, 200)
        assert "Name: lib" in text.text
    assert {path.name for path in (folder / "lib").iterdir()} == {"page.json", f"{wheels[0]['filename']}.metadata"}

    with Registry("pypi") as registry:
        registry.replay(folder)
        files = get(f"{registry.index_url}/lib/", Accept=JSON).json()["files"]
        (offered,) = (file for file in files if file["core-metadata"])
        assert offered["core-metadata"] == wheels[0]["core-metadata"]
        assert get(f"{offered['url']}.metadata").text == text.text
        refused = next(file for file in files if file["filename"] == wheels[1]["filename"])
        assert get(f"{refused['url']}.metadata").status_code == 404
    assert not any(exchange.path.endswith(".whl") for exchange in real.log)


def test_a_file_that_was_never_fetched_is_explained(real: Registry, folder: Path) -> None:
    """The recording is of another client's run: what it did not fetch is not there, and the report says what to do."""
    with Registry("gitlab@17", upstream=folder, record=True) as registry:
        registry.install("lib==2.0")
    asked = real.log.count

    with Registry("gitlab@17", upstream=folder) as registry:
        with pytest.raises(CommandFailed, match="504 Server Error: Not Recorded"):
            registry.install("lib==1.0")
        why = (
            f"'lib-1.0-py3-none-any.whl' was seen when {folder} was recorded, and never fetched: record once more, with"
        )
        assert registry.upstream.log[-1].why.startswith(why)
        assert why in registry.report()
    assert real.log.count == asked


def test_recording_goes_on_where_it_ended(real: Registry, folder: Path) -> None:
    """Another run fetches what the first did not; pages stay as they are until they are deleted."""
    for version in ("2.0", "1.0"):
        with Registry("gitlab@17", upstream=folder, record=True) as registry:
            registry.install(f"lib=={version}", client="uv")
        real.add(real.make_wheel("lib", f"{version}.9"))

    with Registry("gitlab@17", upstream=folder) as registry:
        assert registry.upstream.log.count == 0
        registry.install("lib==1.0", client="uv")
        registry.install("lib==2.0", client="uv")
        assert set(registry.upstream.versions("lib")) == {"1.0", "2.0"}

    (folder / "lib" / "page.json").unlink()
    with Registry("gitlab@17", upstream=folder, record=True) as registry:
        assert registry.install("lib", client="uv").distributions() == {"lib": "2.0.9"}


def test_what_was_added_by_hand_hides_the_recorded(real: Registry, folder: Path) -> None:
    """A test's own project of that name is the only one."""
    with Registry("gitlab@17", upstream=folder, record=True) as registry:
        registry.upstream.add(registry.make_wheel("lib", "0.1"))

        assert registry.install("lib").distributions() == {"lib": "0.1"}
    assert not real.log


def test_many_at_once_see_one_whole_project(real: Registry, folder: Path, get: Get) -> None:
    """Clients and two registries that record into one folder at once: each gets it all, and nothing is half there."""
    real.add(*[real.make_wheel("many", f"1.{number}") for number in range(40)])
    found: list[tuple[int, bool]] = []
    with Registry("pypi") as one, Registry("pypi") as two:
        for registry in (one, two):
            registry.record(folder)

        def ask(registry: Registry) -> None:
            files = get(f"{registry.index_url}/many/", Accept=JSON).json()["files"]
            found.extend((len(files), get(file["url"]).status_code == 200) for file in files[:10])

        threads = [threading.Thread(target=ask, args=[registry]) for registry in [one, two] * 6]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == [(40, True)] * 120
    assert not list(folder.rglob("*.part"))
    with Registry("pypi") as registry:
        registry.replay(folder)
        files = get(f"{registry.index_url}/many/", Accept=JSON).json()["files"]
        assert [get(file["url"]).status_code for file in files[:10]] == [200] * 10


def test_only_a_public_index_records(registry: Registry, folder: Path) -> None:
    """Others hold no projects of others; the error says who does."""
    for act in (registry.record, registry.replay):
        with pytest.raises(ValueError, match=r"try registry\.upstream\.record"):
            act(folder)


def test_a_folder_must_be_there_to_be_served(folder: Path) -> None:
    """And one is needed to record into."""
    with Registry("pypi") as registry, pytest.raises(FileNotFoundError, match=r"record\(\) makes one"):
        registry.replay(folder)
    with pytest.raises(ValueError, match="make it with record=True"):
        Registry(upstream=folder)
    with pytest.raises(ValueError, match="needs a folder to record into"):
        Registry(record=True)

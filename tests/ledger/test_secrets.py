"""Secrets are planted wherever a test may have one; none gets into what pytest prints, writes or keeps."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from pytest_pyreg import CommandFailed, Credential, Registry
from pytest_pyreg.clients.giving import given
from pytest_pyreg.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PLANTING = (Path(__file__).parent / "planting.txt").read_text()
"""A test file: each of its tests but one fails, with secrets in its hands."""
ELSEWHERE = (Path(__file__).parent / "planting_elsewhere.txt").read_text()
"""Another, whose registries are not those of the fixture `pyreg`."""


def parts_of(secret: str) -> set[str]:
    """Return what no text may have of a secret."""
    coded = {base64.b64encode(before + secret.encode()).decode()[4:20] for before in (b"", b"u", b"us")}
    return {secret[:12], secret[-12:], quote(secret, safe="")[:16], *coded}


def leaks(texts: Iterable[str], secrets: Iterable[str]) -> list[str]:
    """Return the parts of secrets that are in texts."""
    return [part for text in texts for secret in secrets for part in parts_of(secret) if part in text]


@pytest.mark.parametrize(
    "options",
    [("-vv", "--showlocals", "-rA"), ("--tb=long", "--showlocals"), ("--tb=native", "-n1"), ("--tb=line",)],
    ids=["locals", "short-locals", "native-xdist", "line"],
)
def test_none_gets_out(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]) -> None:
    """Neither on the terminal, nor in the JUnit file, nor in the folders that are kept."""
    listed = pytester.path / "planted"
    monkeypatch.setenv("SECRETS_FILE", str(listed))
    pytester.makepyfile(PLANTING)
    base = pytester.path / "base"

    result = pytester.runpytest_subprocess(
        *(f"--basetemp={base}", "--junit-xml=junit.xml", "-ojunit_logging=all", "-ojunit_family=xunit1"),
        *("--pyreg-keep", *options),
    )

    result.assert_outcomes(passed=2, failed=9, errors=2)
    planted = {json.loads(line) for line in listed.read_text().splitlines()}
    assert len(planted) >= 14
    kept = [path for path in base.rglob("pyreg/**/*") if path.is_file()]
    assert len(kept) >= 30
    texts = [str(result.stdout), str(result.stderr), (pytester.path / "junit.xml").read_text()]
    assert not leaks([*texts, *(path.read_bytes().decode(errors="replace") for path in kept)], planted)
    assert texts[2].count("[redacted]") >= 10


@pytest.mark.parametrize(
    "options", [("-vv", "--showlocals", "-rA"), ("-n1", "--showlocals", "-rA"), ("--tb=short", "-rA")], ids=" ".join
)
def test_none_gets_out_of_registries_of_ones_own(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    """Whoever started or attached them, for however long, and whenever they ended."""
    listed = pytester.path / "planted"
    monkeypatch.setenv("SECRETS_FILE", str(listed))
    monkeypatch.setenv("PYREG_CONTROL_TOKEN", "token-" + "of-the-environment")
    pytester.makepyfile(ELSEWHERE)

    result = pytester.runpytest_subprocess(
        *("--junit-xml=junit.xml", "-ojunit_logging=all", "-ojunit_family=xunit1", "-pno:randomly", *options)
    )

    found = result.parseoutcomes()
    assert (found["passed"], found["xfailed"], found["warnings"], found.get("errors", 0)) == (3, 1, 1, 0)
    planted = {json.loads(line) for line in listed.read_text().splitlines()}
    assert len(planted) >= 14
    texts = [str(result.stdout), str(result.stderr), (pytester.path / "junit.xml").read_text()]
    assert not leaks(texts, planted)
    assert texts[2].count("[redacted]") >= 10
    if "-n1" not in options:
        assert 'name="token" value="[redacted]"' in texts[2]


def test_a_leak_would_be_seen() -> None:
    """The search above finds a secret in every disguise."""
    secret = "planted-secret-with-more"
    for text in (
        secret,
        secret[:14] + "...",
        base64.b64encode(f"ada:{secret}".encode()).decode(),
        f"http://u:{secret}@",
    ):
        assert leaks([text], [secret])
    assert not leaks(["[redacted]"], [secret])


def test_no_object_shows_one(registry: Registry) -> None:
    """Neither `repr` nor `str` of what a test has in its hands."""
    secret = registry.publisher.secret
    with pytest.raises(CommandFailed) as caught:
        registry.run("python", "-c", "import os, sys; sys.exit(str(dict(os.environ)))")
    env = registry.env()
    shown = [registry, registry.log, list(registry.log), registry.publisher, env, env["TWINE_PASSWORD"], caught.value]
    texts = [f"{thing!r}" for thing in shown] + [str(registry), str(registry.log), str(env), str(caught.value)]
    texts += [str(caught.value.args), str(vars(caught.value)), repr({**env}), str(registry.secrets())]

    assert not leaks(texts, [secret])
    assert env["TWINE_PASSWORD"] == secret
    assert repr(env["HOME"]) != "'[redacted]'"


def test_what_a_command_is_given_is_left_out(registry: Registry) -> None:
    """After an option, in a URL, in a variable that is called a token: of credentials that nobody has told of."""
    planted = {place: f"planted-in-{place}/+0123456789" for place in ("option", "url", "variable")}
    url = f"http://ada:{quote(planted['url'], safe='')}@127.0.0.1/"
    code = "import os, sys; print(sys.argv, os.environ['SOME_TOKEN'])"

    result = registry.run(
        *("python", "-c", code, "--password", planted["option"], url), env={"SOME_TOKEN": planted["variable"]}
    )

    assert not leaks([str(result)], planted.values())
    assert "'--password', '[redacted]', 'http://ada:[redacted]@127.0.0.1/'] [redacted]" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("curl", "-u", "me:SECRET"),
        ("curl", "-ume:SECRET"),
        ("curl", "--user", "me:SECRET"),
        ("curl", "--proxy-user=me:SECRET"),
        ("uv", "publish", "-t", "SECRET"),
        ("/bin/uv", "publish", "--token", "SECRET"),
        ("hatch", "publish", "--auth", "SECRET"),
        ("hatch", "publish", "-a", "SECRET"),
        ("python", "-m", "twine", "upload", "-p", "SECRET"),
        ("gpg", "--passphrase=SECRET"),
    ],
    ids=" ".join,
)
def test_a_secret_in_the_words_of_a_command_is_known(words: tuple[str, ...]) -> None:
    """Wherever the clients and their like take one; the user before it is none."""
    assert given(words, {}) == {"SECRET"}


@pytest.mark.parametrize(
    "words",
    [
        ("mkdir", "-p", "folder"),
        ("tar", "-t", "file"),
        ("ls", "-a", "here"),
        ("twine", "upload", "-u", "me"),
        ("uv", "pip", "-t", "x"),
    ],
    ids=" ".join,
)
def test_what_another_command_means_by_it_is_none(words: tuple[str, ...]) -> None:
    """The same letters before something else."""
    assert not given(words, {})


@pytest.mark.parametrize(
    "name",
    ["AN_ACCESS_KEY", "AN_API_KEY", "A_PRIVATE_KEY", "A_PASSPHRASE", "SOME_CREDENTIALS", "A_PASSWORD", "A_TOKEN"],
)
def test_a_secret_may_look_like_a_path(tmp_path: Path, name: str) -> None:
    """But for one where something is: that says where a secret lies."""
    assert given(["true"], {name: "/x+secret/=="}) == {"/x+secret/=="}
    assert given(["true"], {name: "/" + "x" * 10_000}) == {"/" + "x" * 10_000}
    assert not given(["true"], {name: str(tmp_path)})
    assert not given(["true"], {"KEYBOARD": "/x+secret/=="})


@pytest.mark.parametrize(
    "disguise",
    [
        lambda secret: base64.encodebytes(b"x" * 40 + secret.encode()).decode(),
        lambda secret: repr(base64.encodebytes(b"x" * 41 + secret.encode())),
        lambda secret: f"['{secret[:15]}'\n '{secret[15:]}']",
        lambda secret: quote(secret, safe="!~*'()"),
        ascii,
        lambda secret: repr(secret.encode()),
        lambda secret: base64.b64encode(b"ada:" + secret.encode("latin-1")).decode(),
    ],
    ids=["wrapped", "wrapped-repr", "pprint", "percent", "ascii", "bytes", "latin-1"],
)
@pytest.mark.parametrize(
    "secret", ["a-plain-secret-of-somebody-who-has-long-ones-0123456789", "s\u00e9cret!~*'(\u00e4\u00f6)/012345"]
)
def test_none_is_seen_in_a_disguise(disguise: Callable[[str], str], secret: str) -> None:
    """Folded over lines, in another alphabet, or half encoded; a text without any is left as it is."""
    text = disguise(secret)

    clean = redacted(text, [secret])

    assert "[redacted]" in clean
    assert not leaks([clean], [secret])
    assert redacted(text, ["another-secret-of-nobody"]) == text


@pytest.mark.parametrize("secret", ["a", "pw", "demo", "password", "pass", "1", "simple"])
def test_a_common_word_blackens_nothing(registry: Registry, secret: str) -> None:
    """It is left out where only a password can stand."""
    credential = Credential("ada", secret)
    with pytest.raises(CommandFailed) as caught:
        registry.install("demo", credential=credential)

    report = registry.report()

    assert "/simple/demo/" in report
    assert "[redacted]" not in report
    assert f"http://ada:{secret}@" not in str(caught.value)
    assert registry.redacted(f"to http://ada:{secret}@127.0.0.1/") == "to http://ada:[redacted]@127.0.0.1/"


def test_a_short_one_is_left_out_as_a_word(registry: Registry) -> None:
    """Of five letters, it goes with no other word."""
    registry.env(Credential("ada", "upper"))

    assert registry.redacted("upper, up%3Aupper and uppercase") == "[redacted], up%3A[redacted] and uppercase"

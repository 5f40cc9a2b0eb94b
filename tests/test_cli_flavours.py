"""`pyreg flavours`: the list, one flavour, the differences of two."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from pytest_pyreg import lookup
from pytest_pyreg.cli import flavours, main
from pytest_pyreg.cli.repeats import folded, shared
from pytest_pyreg.flavours import Flavour, lineages
from pytest_pyreg.flavours.describe import catalogue, description, difference, plain
from pytest_pyreg.refusals import Refusal
from pytest_pyreg.render.replies import TROUBLED

EVERY = [flavour for lineage in lineages.values() for flavour in lineage.flavours()]
NEIGHBOURS = [pair for lineage in lineages.values() for pair in itertools.pairwise(lineage.flavours())]
SECTIONS = ("features", "addresses", "upload rules", "refusals", "other facts")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what the command prints."""
    assert main(["flavours", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    """Every era, one line each, with its source."""
    lines = printed(capsys).splitlines()

    assert [line.split()[0] for line in lines] == [flavour.name for flavour in EVERY]
    assert all(
        " ".join(line.split()[1:]).removesuffix(" ...") in flavour.source
        for line, flavour in zip(lines, EVERY, strict=True)
    )
    assert json.loads(printed(capsys, "--json")) == catalogue()


@pytest.mark.parametrize("flavour", EVERY, ids=lambda flavour: flavour.name)
def test_a_flavour_is_described_whole(flavour: Flavour, capsys: pytest.CaptureFixture[str]) -> None:
    """Each feature, address and refusal is there, in lines that fit, and as data."""
    text = printed(capsys, flavour.name)
    data = json.loads(printed(capsys, flavour.name, "--json"))

    assert max(map(len, text.splitlines())) <= flavours.WIDTH
    assert set(data["refusals"]) == {refusal.name for refusal in Refusal if refusal not in TROUBLED}
    assert set(data["addresses"]) == set(flavour.routes)
    assert data == description(flavour)
    for name in (*data["features"], *data["addresses"], *data["refusals"], *data["upload rules"]):
        assert f"\n  {name}" in text


def test_what_a_description_says(capsys: pytest.CaptureFixture[str]) -> None:
    """Sources, method and permission, credentials, order, status and words."""
    text = " ".join(printed(capsys, "gitlab@17.4").split())

    assert text.startswith("gitlab@17.4 (as since 17.0) @58e008dc")
    assert "forwarding lib/api/helpers/packages/dependency_proxy_helpers.rb@40e8ba2f" in text
    assert "upload POST /api/v4/projects/<namespace>/packages/pypi for who may publish packages with a deploy" in text
    assert 'FILE_EXISTS 400 {"message": "400 Bad request - Validation failed: File name has already' in text
    assert "max file bytes 3221225472" in text
    assert "package protection rules" not in text
    assert "package protection rules docs 17.6" in " ".join(printed(capsys, "gitlab@17.6").split())


@pytest.mark.parametrize(("old", "new"), NEIGHBOURS, ids=lambda flavour: flavour.name)
def test_an_era_is_a_difference(old: Flavour, new: Flavour, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever changed from one era to the next is told, forth and back, and nothing else."""
    forth, back = difference(old, new), difference(new, old)

    assert forth["eras between"] == back["eras between"] == [{"name": new.name, "source": new.source}]
    for section in SECTIONS:
        before, after, told = description(old)[section], description(new)[section], forth[section]
        assert told["added"] == back[section]["removed"] == {key: after[key] for key in after if key not in before}
        assert set(told["changed"]) == set(back[section]["changed"])
        if section != "features":
            assert set(told["changed"]) == {key for key in before if key in after and before[key] != after[key]}
    text = printed(capsys, old.name, new.name)
    assert max(map(len, text.splitlines())) <= flavours.WIDTH
    assert "nothing is different" not in text
    assert json.loads(printed(capsys, old.name, new.name, "--json")) == forth


def test_what_a_difference_says(capsys: pytest.CaptureFixture[str]) -> None:
    """Gained and lost, old and new."""
    text = " ".join(printed(capsys, "gitlab@13.4", "gitlab@17").split())

    for words in (
        "gitlab@13.4 -> gitlab@17 eras between gitlab@13.5 spec: plan limit",
        "+ group addresses lib/api/pypi_packages.rb",
        "+ group page GET /api/v4/groups/<namespace>/-/packages/pypi/simple/<path:project>",
        "~ upload steps: + requests counted, + digest demanded, - number demanded steps: in this order: requests",
        "accepted: + a personal token by header, bearer or parameter",
        "~ required - requires_python",
        "~ max file bytes 52428800 -> 3221225472",
        '~ FILE_EXISTS was 400 {"message": "Validation failed: File name has already been taken"} now 400 {"message":',
        "X-Gitlab-Meta: none ->",
    ):
        assert words in text
    assert "gitlab@17.6" not in text
    assert "- group addresses" in " ".join(printed(capsys, "gitlab@17", "gitlab@13.4").split())


def test_the_same_change_in_many_places_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A header that all replies of all addresses got does not drown the rest; the JSON has it in each place."""
    lines = printed(capsys, "gitea@1.21", "gitea@1.22").splitlines()
    text = " ".join(" ".join(lines).split())

    assert len(lines) < 50
    assert text.count("X-Gitea-Warning") == 2  # In the addresses; in what leads nowhere.
    assert "~ in 8 addresses: api account, api delete version, api files," in text
    assert "headers X-Gitea-Warning in 15 replies (CREDENTIAL_UNKNOWN, UNAUTHENTICATED, FORBIDDEN, HIDDEN," in text
    assert "REGISTRY_OFF): none -> {warning}" in text
    assert "~ FILE_EXISTS was 400 package file already exists" in text
    assert printed(capsys, "gitea@1.21", "gitea@1.22", "--json").count('"from": null,') >= 15 * 8


def test_refusals_that_changed_alike_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """What else changed in one of them stands on its own, with both replies."""
    text = " ".join(printed(capsys, "gitea@1.17", "gitea@1.23").split())

    assert text.count("was 400 none now 400 none; X-Content-Type-Options: nosniff") == 1
    assert "TOKEN_EXPIRED, TOKEN_REVOKED was 400 none now" in text
    assert "~ FILE_EXISTS was 400 Package file does exist already now 409 package file already exists" in text


def test_what_is_the_same_in_few_places_stays_where_it_is() -> None:
    """Three places are many; what one place has besides is told of it alone, and no change is torn apart."""
    pair = ("was 400", "now 409")
    told: dict[str, list[tuple[str, ...]]] = {"a": [pair, ("x",)], "b": [pair], "c": [pair, ("y",)], "d": [("y",)]}

    assert shared(told) == [(["a", "b", "c"], [*pair]), (["a"], ["x"]), (["c"], ["y"]), (["d"], ["y"])]
    changes = [{"what": f"replies {name} text", "from": 1, "to": 2} for name in ("A", "B")]
    assert folded(changes) == changes
    assert folded([*changes, {"what": "replies C text", "from": 1, "to": 3}])[-1]["to"] == 3
    assert folded([*changes, {"what": "replies C text", "from": 1, "to": 2}]) == [
        {"what": "text in 3 replies (A, B, C)", "from": 1, "to": 2}
    ]


def test_no_difference(capsys: pytest.CaptureFixture[str]) -> None:
    """Two versions of one era are the same; two products share no era."""
    assert printed(capsys, "gitlab@17.0", "gitlab@17.5") == "gitlab@17.0 -> gitlab@17.5\n\nnothing is different\n"
    assert difference(lookup("pep503"), lookup("gitlab"))["eras between"] == []


def test_a_derived_flavour_can_be_told_apart() -> None:
    """What somebody changed by hand is found, whatever it is."""
    old = lookup("gitlab@17")
    steps = tuple(reversed(old.routes["upload"].steps))
    new = old.evolve(headers={"X-Mine": "1"}, routes={"upload": replace(old.routes["upload"], steps=steps)})
    found: dict[str, Any] = difference(old, new)

    assert found["other facts"]["changed"] == {"headers": [{"what": "X-Mine", "from": None, "to": "1"}]}
    assert [change["what"] for change in found["addresses"]["changed"]["upload"]] == ["steps"]
    (line,) = flavours._change("addresses", found["addresses"]["changed"]["upload"][0])
    assert line.startswith("steps: in this order: file stored, filename cleaned, ")
    assert description(replace(old, product="mine"))["era"] == old.version


def test_facts_become_plain() -> None:
    """A function is its name, in words; what has none is said to be one."""
    assert plain(lambda: None) == "a function"
    assert plain(print) == "print"
    assert plain({Refusal.HIDDEN: (True, None, 1)}) == {"HIDDEN": [True, None, 1]}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["gitlub"], "there is no flavour 'gitlub'; the products are "),
        (
            ["gitlab@17", "gitlab@1"],
            "gitlab@1 is too old: GitLab has a PyPI registry from 12.10 on; try 'gitlab@12.10'",
        ),
        (["gitlab@x"], "'x' is no version of gitlab; try "),
        (["gitlab", "gitlab", "gitlab"], "flavours takes two names at most: pyreg flavours A B"),
    ],
)
def test_a_wrong_name_is_a_wrong_call(names: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The look-up's own words, and exit code 2."""
    assert main(["flavours", *names]) == 2
    out, err = capsys.readouterr()

    assert out == ""
    assert err.startswith(f"pyreg: {words}")


def test_a_reader_who_has_read_enough() -> None:
    """Who closes the pipe early, as `head` does, sees no complaint."""
    with subprocess.Popen(
        [sys.executable, "-m", "pytest_pyreg", "flavours", "gitlab", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""

    assert process.returncode == 0

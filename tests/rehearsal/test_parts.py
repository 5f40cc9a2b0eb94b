"""The parts of a rehearsal: words out of replies, what a wheel promises, advice, and the page."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import Registry, make_wheel
from pytest_pyreg.flavours.pypi.words import RULES
from pytest_pyreg.refusals import Refusal
from pytest_pyreg.rehearsal import advice, content, page, table
from pytest_pyreg.rehearsal.outside import hidden
from pytest_pyreg.rehearsal.page_timeline import look
from pytest_pyreg.rehearsal.verdicts import Objection, Outcome, Performance, Rehearsal, Verdict
from pytest_pyreg.rehearsal.visible import placeless, visible
from pytest_pyreg.rehearsal.words import own_words

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
VOID = {"meta"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"message":"File name\\nhas been taken"}', "File name has been taken"),
        ('{"error":"x","error_description":"longer"}', "longer"),
        ('{"message":["a","b"]}', '["a", "b"]'),
        ("plain\n", "plain"),
        ("", "the reason"),
        ("<html><head><title>t</title></head><body><h1>400 Bad &amp; <i>worse</i></h1></body></html>", "Bad & worse"),
        ("<html><body><h1>400 '<b>'</h1>\n x<br/><br/>\n'&lt;b&gt;'\n\n </body></html>", "'<b>'"),
        ("<html><body><p>only this</p></body></html>", "only this"),
        ("404 Not Found", "Not Found"),
    ],
)
def test_words_out_of_replies(body: str, words: str) -> None:
    """Whatever the body is; the reason phrase if there is none."""
    assert own_words(body, "the reason") == words


def test_the_log_has_what_was_said() -> None:
    """Of refusals alone, and the rule where the product has rules."""
    with Registry("pypi") as registry:
        registry.upload(make_wheel())
        registry.run("python", "-m", "twine", "upload", make_wheel("os").write_to(registry.env()["HOME"]), check=False)
        granted, refused = registry.log.uploads()

    assert (granted.said, granted.rule) == ("", "")
    assert refused.rule == "name stdlib"
    assert "The name 'os' isn't allowed" in own_words(refused.said)


def test_every_advice_is_about_something() -> None:
    """A misspelt rule would never be advised on."""
    assert not advice.BY_RULE.keys() - RULES.keys()
    assert not advice.BY_REFUSAL.keys() - Refusal.__members__.keys()


@pytest.mark.parametrize("rule", sorted(rule for rule, (number, _, _) in RULES.items() if 16 <= number <= 54))
def test_every_rule_about_a_release_has_advice(rule: str) -> None:
    """And those about metadata and forms have one at least in general."""
    assert advice.advice_for("RULE_BROKEN", rule, "")


def test_advice_goes_by_words_first_where_a_rule_is_broad() -> None:
    """A rule that says enough by itself is not overruled by a word."""
    assert "classifiers" in advice.advice_for("RULE_BROKEN", "metadata", "'x' is not a valid classifier.")
    assert "backend" in advice.advice_for("RULE_BROKEN", "sdist spelling", "'classifier' is invalid")
    assert not advice.advice_for("", "", "who knows")


@pytest.mark.parametrize(
    ("files", "modules"),
    [
        ({"demo/__init__.py": "", "demo/part.py": ""}, ("demo",)),
        ({"one.py": "", "two.cpython-310-x86_64-linux-gnu.so": ""}, ("one", "two")),
        ({"space/part/__init__.py": "", "space/part/deep/__init__.py": ""}, ("space.part",)),
        ({"space/mod.py": ""}, ("space.mod",)),
        ({"demo-1.0.data/purelib/late.py": "", "demo-1.0.data/scripts/run.py": ""}, ("late",)),
        ({"data/x.txt": "", "odd-name.py": "", "__main__.py": ""}, ()),
    ],
)
def test_what_can_be_imported(files: dict[str, str], modules: tuple[str, ...], tmp_path: Path) -> None:
    """Packages and modules as import has them; of a namespace what is in it."""
    assert content.of(make_wheel(files=files).write_to(tmp_path)).modules == modules


def test_what_is_needed_here(tmp_path: Path) -> None:
    """Extras and other systems' requirements are left out."""
    requires = ["a>1", 'b; extra == "x"', 'c; python_version < "3"']

    found = content.of(make_wheel(requires=requires).write_to(tmp_path))

    assert found.requires == ("a>1",)


def test_logins_are_left_out_of_a_build_s_output() -> None:
    """The caller's index may have one."""
    assert hidden("Looking in https://me:secret@host/simple, ok") == "Looking in https://[redacted]@host/simple, ok"


class Reader(HTMLParser):
    """Reads a page as a browser would, and notes what it would load and what does not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        known = dict(attrs)
        self.loaded += [f"{tag} {name}" for name in known if name in {"src", "srcset"} or name.startswith("on")]
        self.loaded += [tag] if tag in {"script", "link", "img", "iframe", "object", "b-evil"} else []
        self.ids |= {str(known["id"])} if "id" in known else set()
        self.links |= {str(known["href"])} if "href" in known else set()
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hold it against what is open."""
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("a\u202eb", "a\\u202eb"),
        ("one\r\ntwo\tthree \u00e4\u4e2d", "one\ntwo\tthree \u00e4\u4e2d"),
        ("\x07\r", "\\x07\\r"),
    ],
)
def test_what_controls_a_terminal_is_shown(text: str, shown: str) -> None:
    """And does nothing, on the terminal and in the page; letters stay as they are."""
    objection = Objection("f", "python", text)
    verdict = Verdict("import", Outcome.BROKEN, text, (objection,), text, text)
    rehearsal = Rehearsal(text, "1", ((text, 1),), (text,), (), NOW, 2.0, (Performance("one", (verdict,)),))

    printed = "\n".join([*table.rehearsed(rehearsal, colour=False), table.word(verdict)]) + page.rehearsed(rehearsal)

    assert visible(text) == shown
    assert not set("\x1b\u202e\x07\r") & set(printed)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("File '/x/y-1/lib/python3.13/site-packages/demo.py'", "File '.../site-packages/demo.py'"),
        ("open /x/tmp-2/data: /x/tmp-23", "open .../tmp/data: /x/tmp-23"),
        ("site-packages alone", "site-packages alone"),
    ],
)
def test_folders_of_this_machine_are_left_out(text: str, shown: str) -> None:
    """What is said with two flavours is then the same, and told once."""
    assert placeless(text, {"/x/tmp-2": ".../tmp"}) == shown


def test_who_is_turned_away_and_a_job_that_fails_are_not_green() -> None:
    """An upload that is refused the second time is amber, and not called ok; one that is taken is green."""
    refused = Verdict("again", Outcome.FINE, "job fails: 400", (Objection("f", "registry", "no", status=400),))
    taken = Verdict("again", Outcome.FINE, "taken again")

    assert (look(refused), look(taken)) == ("open", "good")
    for verdict, is_ok in ((refused, False), (taken, True)):
        one = Rehearsal("p", "1", (), (), (), NOW, 1.0, (Performance("one", (verdict,)),))
        (told,) = re.findall(r"<td><a .*?</td>", page.rehearsed(one))
        assert ("ok" in told) is is_ok
        (row,) = [line for line in table.rehearsed(one, colour=True) if line.startswith("one ")]
        assert ("\x1b[32m" in row) is is_ok


def read(text: str) -> Reader:
    """Read a page."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader


def test_the_page_is_whole_and_escapes_everything() -> None:
    """Every text that comes from elsewhere is hostile here."""
    evil = "</pre><script>alert('\"&')</script><b-evil>"
    with Registry("gitlab@17") as registry:
        registry.run(
            "python", "-c", f"import urllib.request as u; u.urlopen({registry.url!r} + '/<b-evil>')", check=False
        )
        exchanges = tuple(registry.log)
    objections = (
        Objection(evil, evil, evil, why=evil, advice=f"`{evil}`"),
        Objection(evil, evil, evil, status=400, reason=evil, said=False),
    )
    verdicts = tuple(Verdict(evil, outcome, evil, objections, evil, evil, NOW, 1.0, exchanges) for outcome in Outcome)
    rehearsal = Rehearsal(evil, evil, ((evil, 1),), (evil,), (evil,), NOW, 2.0, (Performance(evil, verdicts),))

    text = page.rehearsed(rehearsal)

    reader = read(text)
    assert (reader.wrong, reader.open, reader.loaded) == ([], [], [])
    assert reader.links <= {f"#{name}" for name in reader.ids}
    assert len(reader.links) == len(Outcome)
    assert text.count("&lt;/pre&gt;&lt;script&gt;") > 20
    assert not re.search(r"url\(|@import|https?://", text.replace("&#x27;", ""))


def test_a_page_that_loads_something_would_be_seen() -> None:
    """The test above can fail."""
    reader = read("<p><script src='x'></script><b></p>")

    assert reader.loaded == ["script src", "script"]
    assert reader.wrong == ["p"]

"""Assertions about the requests that came, in the words of who publishes and installs.

Each fails with what was expected and the requests that came nearest to it, and why those are not it.  An upload or a
download counts as accepted if the client was told so: a reply that a fault put in the place of the true one does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.checked import whole
from pytest_pyreg.identity import ANONYMOUS, Credential, as_whom
from pytest_pyreg.questions import (
    BESIDE,
    Question,
    about,
    accepted,
    action,
    complete,
    described,
    file_of,
    listed,
    name_of,
    named,
    project_of,
    projects,
    refusal_of,
    refused,
    secret_of,
    times_of,
    unread,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_pyreg.exchanges import Exchange
    from pytest_pyreg.questions import Check
    from pytest_pyreg.refusals import Refusal
    from pytest_pyreg.traces import Tracer


class Ledger:
    """The part of a log that makes assertions."""

    _tracer: Tracer

    def __iter__(self) -> Iterator[Exchange]:
        """Give every exchange, in order."""
        raise NotImplementedError

    def assert_uploaded(self, file: object, *, by: Credential | None = None, times: int | None = None) -> None:
        """Assert that a file's upload was accepted.

        Args:
            file: its name, its path, or the distribution.
            by: the credential that was shown, told by its secret; nobody's if `ANONYMOUS`; any if left out.
            times: how often; at least once if left out.

        Raises:
            AssertionError: it was not, or not as often.
            TypeError: an argument is of another kind.
            ValueError: no file can have that name, such as a project's, or the number is none.
        """
        __tracebackhide__ = True
        name = file_of(file)
        self._require(self._asked("accepted upload", name, by, [action("upload"), named(name), accepted]), times)

    def assert_not_uploaded(self, file: object, *, by: Credential | None = None) -> None:
        """Assert that no upload of a file was accepted; the arguments are those of `assert_uploaded`."""
        __tracebackhide__ = True
        self.assert_uploaded(file, by=by, times=0)

    def assert_fetched(self, file: object, *, by: Credential | None = None, times: int | None = None) -> None:
        """Assert that a file was downloaded as a whole.

        A request for its head, for a part of it, for its metadata, or for a file that the client has already (304) is
        no download.  One that is sent on to where the file is kept is one.  The metadata beside a wheel is a file too:
        ask for its name with `.metadata` at the end; for the proof of where it is from, with `.provenance`.

        Args:
            file: its name, its path, or the distribution.
            by: the credential that was shown, told by its secret; nobody's if `ANONYMOUS`; any if left out.
            times: how often; at least once if left out.

        Raises:
            AssertionError: it was not, or not as often.
            TypeError: an argument is of another kind.
            ValueError: no file can have that name, such as a project's, or the number is none.
        """
        __tracebackhide__ = True
        name = file_of(file)
        beside = next((ending for ending in BESIDE if name.endswith(ending)), "")
        kind = action(BESIDE.get(beside, "download"))
        checks = [kind, named(name.removesuffix(beside)), accepted, complete]
        self._require(self._asked("download", name, by, checks), times)

    def assert_not_fetched(self, file: object, *, by: Credential | None = None) -> None:
        """Assert that a file was not downloaded as a whole; the arguments are those of `assert_fetched`."""
        __tracebackhide__ = True
        self.assert_fetched(file, by=by, times=0)

    def assert_refused(
        self,
        what: object = "",
        *,
        by: Credential | None = None,
        status: int | None = None,
        why: str = "",
        refusal: Refusal | str = "",
        times: int | None = None,
    ) -> None:
        """Assert that a request was refused.

        Many products decide who may upload before they read which file it is: such a refused upload has no name, and
        counts for every file.

        Args:
            what: the file or the project; anything if left out.
            by: the credential that was shown, told by its secret; nobody's if `ANONYMOUS`; any if left out.
            status: the reply's number.
            why: a part of the explanation, as the log has it.
            refusal: its name, such as `FILE_EXISTS`.
            times: how often; at least once if left out.

        Raises:
            AssertionError: none was, or not as often.
            TypeError: an argument is of another kind.
            ValueError: there is no such refusal, or a number is none.
        """
        __tracebackhide__ = True
        name, wanted = name_of(what), refusal_of(refusal)
        if not isinstance(why, str):
            raise TypeError(f"why= is a part of the explanation, a text, not {why!r}")
        checks = [refused, *([about(name)] if name else [])]
        words = "refused request"
        if status is not None:
            whole("status", status, least=100, other=", such as 403")
            words += f" with status {status}"
            checks.append(lambda one: "" if one.status == status else f"its status is {one.status}")
        if wanted:
            words += f" for {wanted}"
            checks.append(lambda one: "" if one.refusal == wanted else f"refused for {one.refusal or 'nothing'}")
        if why:
            words += f" because of {why!r}"
            checks.append(lambda one: "" if why in one.why or why in one.reason else "for another reason")
        self._require(self._asked(words, name, by, checks, of="about"), times)

    def assert_not_asked(self, project: str) -> None:
        """Assert that no page, file or upload of a project was asked for, in whatever spelling of its name.

        An upload that was refused before anybody read what it was of may have been of this project, and counts.

        Args:
            project: its name.

        Raises:
            AssertionError: somebody did.
            TypeError: it is no text.
            ValueError: no project can have that name, such as a file's.
        """
        __tracebackhide__ = True
        wanted = project_of(project)

        def asked(one: Exchange) -> str:
            return "" if unread(one) or wanted in projects(one) else "about something else"

        self._require(Question(f"request about the project {wanted}", [asked], wanted), 0)

    def assert_silent(self) -> None:
        """Assert that no request came at all.

        Raises:
            AssertionError: one did.
        """
        __tracebackhide__ = True
        self._require(Question("request"), 0)

    def assert_never_shown(self, credential: Credential) -> None:
        """Assert that no request carried a credential's secret: in basic auth, as a bearer, in a header, in a query.

        Elsewhere, such as in a path or a user agent, it is found if the registry knew it when the request came: its
        world has issued it, or it was given to `env`, `run`, `upload` or `install`.

        Args:
            credential: whose secret.

        Raises:
            AssertionError: one did.
            TypeError: it is no credential.
            ValueError: it has no secret.
        """
        __tracebackhide__ = True
        if credential is None:
            raise TypeError("whose secret? give a credential, such as registry.publisher, not None")
        as_whom(credential, ANONYMOUS)
        if not secret_of(credential):
            raise ValueError("that credential has no secret that could have been shown")
        mark = self._tracer.mark(secret_of(credential))

        def shown(one: Exchange) -> str:
            return "" if mark in one.marks or mark in one.others else "it does not show it"

        self._require(Question(f"request that shows the secret of {described(credential)}", [shown]), 0)

    # -- how -----------------------------------------------------------------------------------------------------------

    def _asked(
        self,
        words: str,
        name: str,
        by: Credential | None,
        checks: list[Check],
        of: str = "of",
    ) -> Question:
        words = f"{words} {of} {name}" if name else words
        if by is None:
            return Question(words, checks, name)
        if not isinstance(by, Credential):
            raise TypeError(f"by= is a credential, such as registry.publisher, not {type(by).__name__}")
        if not secret_of(by):
            nobody: Check = lambda one: "it shows a credential" if one.marks else ""  # noqa: E731
            return Question(f"{words} without a credential", [*checks, nobody], name)
        mark = self._tracer.mark(secret_of(by))

        def shown(one: Exchange) -> str:
            return "" if mark in one.marks else "it shows another credential" if one.marks else "it shows no credential"

        return Question(f"{words} by {described(by)}", [*checks, shown], name)

    def _require(self, question: Question, times: int | None) -> None:
        """Raise if there are not as many such exchanges; at least one if no number is given."""
        __tracebackhide__ = True
        times_of(times)
        every = tuple(self)
        found = [one for one in every if not question.reasons(one)]
        if (len(found) == times) if times is not None else found:
            return
        expected = "at least one" if times is None else "no" if times == 0 else f"exactly {times}"
        lines = [f"expected {expected} {question.words}; there {'was' if len(found) == 1 else 'were'} {len(found)}"]
        if not every:
            lines.append("no request came at all")
        unwanted = found if times is not None and len(found) > times else []
        lines += listed("found:", unwanted, None)
        rest = sorted((one for one in every if one not in unwanted), key=question.distance)
        if not unwanted:
            lines += listed("the nearest:" if len(rest) > 1 else "what came:", rest, question)
        raise AssertionError(self._tracer.redact("\n".join(lines)))

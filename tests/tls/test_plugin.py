"""TLS in other people's tests, and what docs/tls.md shows, executed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[2] / "docs" / "tls.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_the_tests_of_the_page_pass(pytester: pytest.Pytester) -> None:
    """Each block is a test file; the conftest stands beside the others."""
    blocks = [code for language, code in BLOCKS if language == "python"]
    (conftest,) = [code for code in blocks if "def pyreg_options" in code]
    tests = [code for code in blocks if code is not conftest]
    for number, code in enumerate(tests):
        pytester.makepyfile(**{f"test_{number}": code})
    whole = pytester.mkdir("whole")
    (whole / "conftest.py").write_text(conftest)
    (whole / "test_whole.py").write_text(
        "def test_it(pyreg, make_pyreg):\n"
        "    for each in (pyreg, make_pyreg('pypi')):\n"
        "        assert each.url.startswith('https://')\n"
    )

    pytester.runpytest("-Werror").assert_outcomes(passed="".join(tests).count("def test") + 1)


def test_a_marker_is_enough(pytester: pytest.Pytester) -> None:
    """And the next test has plain HTTP."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.pyreg("gitlab@17", "pypi", tls=True)
        def test_secure(pyreg):
            pyreg.upload(pyreg.make_wheel("demo"))
            assert pyreg.install("demo", client="uv").distributions() == {"demo": "1.0"}
            assert pyreg.url.startswith("https://") and pyreg.ca.exists()

        def test_plain(pyreg):
            assert pyreg.url.startswith("http://") and pyreg.ca is None
        """
    )

    pytester.runpytest().assert_outcomes(passed=3)


def test_a_failed_test_says_why_nobody_came(pytester: pytest.Pytester) -> None:
    """The client was not told whom to trust."""
    pytester.makepyfile(
        """
        import pytest, urllib.request

        @pytest.mark.pyreg("gitlab@17", tls=True)
        def test_it(pyreg):
            urllib.request.urlopen(pyreg.url)
        """
    )

    result = pytester.runpytest()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*gitlab@17 at https://localhost:*: requests: 0", "a TLS handshake failed: * (the client does not trust *"]
    )


def test_a_wrong_value_is_one_line(pytester: pytest.Pytester) -> None:
    """No traceback for the marker's author."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.pyreg(tls="please")
        def test_it(pyreg): ...
        """
    )

    result = pytester.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*pyreg: tls is True, * not 'please'"])
    result.stdout.no_fnmatch_line("*registry.py*")

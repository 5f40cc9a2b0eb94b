"""Long descriptions: what renders and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from pytest_pyreg.flavours.hosts import WEB
from pytest_pyreg.flavours.pypi.core_metadata import Core
from pytest_pyreg.flavours.pypi.description import checked

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    Refuses = Callable[[str], AbstractContextManager[None]]

MORE = f" See https://{WEB}/help/#description-content-type for more information."


def core(text: str, content_type: str = "") -> Core:
    """Return metadata with a description."""
    texts = {"description": text} | ({"description_content_type": content_type} if content_type else {})
    return Core("demo", Version("1"), "2.1", texts, {}, {})


@pytest.mark.parametrize(
    "text",
    [
        ".. unknown-directive::",
        "see :ref:`x`",
        ".. raw:: html\n\n   <b>x</b>\n",
        ".. include:: /etc/passwd",
        "|undefined|",
        "`unknown`_",
        "``unclosed",
        "text\n   indented\nback",
        "  \n",
    ],
)
def test_restructured_text_that_fails(text: str, refuses: Refuses) -> None:
    """As its own type and as the default, each in its own words; as any other type it is just text."""
    with refuses(f"The description failed to render for 'text/x-rst'.{MORE}"):
        checked(core(text, "text/x-rst"))
    with refuses(f"The description failed to render for 'text/x-rst; charset=UTF-8'.{MORE}"):
        checked(core(text, "text/x-rst; charset=UTF-8"))
    with refuses(f"The description failed to render in the default format of reStructuredText.{MORE}"):
        checked(core(text))
    checked(core(text, "text/markdown; variant=GFM"))
    checked(core(text, "text/plain"))


@pytest.mark.parametrize(
    "text", ["", "Title\n==\n\nText.", "# Markdown\n\n- without a type", ".. code-block:: klingon\n\n   x\n", "*text*"]
)
def test_restructured_text_that_renders(text: str) -> None:
    """Small mistakes do not matter, and neither does an absent description."""
    checked(core(text, "text/x-rst"))
    checked(core(text))

"""Valid wheels and sdists from keywords: in memory, in milliseconds, without a build backend, the same bytes each time.

The wheel follows the binary distribution format (PEP 427) and the sdist PEP 517/643.  The sdist carries its own build
backend of a few lines, so that real pip can build it offline with nothing to fetch.  What is wrong on purpose is in
`pytest_pyreg.misfits`.
"""

from __future__ import annotations

from pytest_pyreg.dists.big import make_big
from pytest_pyreg.dists.content import Content
from pytest_pyreg.dists.making import Dist, make_dists, make_sdist, make_wheel

__all__ = ["Content", "Dist", "make_big", "make_dists", "make_sdist", "make_wheel"]

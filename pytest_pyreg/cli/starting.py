"""The first moments of the command, in which an interrupt just ends the process.

Nothing is there yet that would have to be tidied up, and an exception would be lost in whatever is being imported: some
modules go on after any.
"""

from __future__ import annotations

import contextlib
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def mortal(*, own: bool) -> Iterator[Callable[[], None]]:
    """Let an interrupt end the process, until what is given is called.

    Args:
        own: whether the process is the command's; if not, whoever called keeps what they made of interrupts.
    """
    before = signal.getsignal(signal.SIGINT)
    held = own and before is signal.default_int_handler  # Or else somebody wants it ignored, as `nohup` does.

    def begun() -> None:
        nonlocal held
        if held:
            signal.signal(signal.SIGINT, before)
            held = False

    if held:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield begun
    finally:
        begun()

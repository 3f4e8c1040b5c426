"""A child that ends with its parent, also where the parent was killed and could tell nobody."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html


def end_with(parent: int) -> Callable[[], None]:
    """What a child runs before its program: from then on the kernel kills it when `parent` is gone.

    At once and not kindly: whoever starts everything again needs the ports, and what was taken is written down.
    """

    def tie() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was gone before
            os._exit(1)

    return tie

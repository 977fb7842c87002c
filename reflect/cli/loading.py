"""Loading modules, which is most of what a start takes."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Load modules without the garbage collector, which would look again and again at what stays: a sixth of a start.

    Afterwards it leaves alone what is there; so processes that are forked from this one go on sharing it.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()

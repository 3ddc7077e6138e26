"""How this process handles memory: made for pages of JSON that come and go by the million objects."""

from __future__ import annotations

import ctypes
import gc
import sys

M_MMAP_THRESHOLD = -3  # mallopt(3)
BIG = 128 * 1024  # bytes
ALLOCATIONS = 100_000  # between two looks for cycles; Python's own 700 look through every page dozens of times


def tune() -> None:
    """Look for cycles less often, and give the blocks of big answers back to the system at once.

    Without the second, glibc keeps in each thread's own heap what answers of some megabytes once took there: 40 MB of
    200 in `benchmarks/sync.py`. Other C libraries have no such knob, and are left alone.
    """
    gc.set_threshold(ALLOCATIONS, 20, 50)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, BIG)

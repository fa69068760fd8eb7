"""How much memory a case may take, where the system can hold a process to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def limited_memory(megabytes: int) -> Iterator[None]:
    """Let this process take no more memory than this meanwhile: what goes beyond it is a MemoryError; 0 for no limit.

    Held on Linux alone, where private memory is counted (`RLIMIT_DATA`) and libraries are not. A case whose native code
    does not survive that ends its worker, which is accounted for as well.
    """
    if not megabytes or sys.platform != "linux":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = megabytes * 2**20
    limits = [one for one in (soft, hard, wanted) if one != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))

"""How much memory a case may take, where the system can hold a process to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def limited_memory(megabytes: int) -> Iterator[None]:
    """Let this process take no more memory than this beside what it has: a MemoryError tells of more; 0 for no limit.

    Held on Linux alone, where private memory is counted (`RLIMIT_DATA`). A case whose native code does not survive that
    ends its worker, which is accounted for as well.
    """
    if not megabytes or sys.platform != "linux":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = _private() + megabytes * 2**20
    limits = [one for one in (soft, hard, wanted) if one != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _private() -> int:
    """Return the bytes of private memory that this process has, libraries' among them (proc(5), statm)."""
    import resource

    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5]) * resource.getpagesize()

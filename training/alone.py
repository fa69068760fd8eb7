"""One run at a time in a folder: two would replace each other's checkpoint, log and weights, cycle by cycle."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Make the folder of a run and keep other runs out of it; the system frees it when the program ends, however.

    Raises
    ------
    ValueError
        If another run is at work in it, a file is in its place, or it cannot be made.
    OSError
        If nothing can be written in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ValueError(f"{folder}: is or lies in a file; choose a folder for --output.") from error
    except OSError as error:
        raise ValueError(
            f"{folder}: cannot be made ({error.strerror or error}); choose another folder for --output."
        ) from error
    lock = FileLock(folder / "run.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise ValueError(
            f"{folder}: another training writes into it; wait for its end, or choose another --output."
        ) from error
    try:
        yield
    finally:
        lock.release()

"""Files that appear whole or not at all, whatever happens to the program or the disk while they are written."""

import contextlib
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


def temporary_beside(path: Path, ending: str = "") -> Path:
    """Return a name in the same folder that no one else uses, as ``.refusion-3f9a...`` with an ending."""
    return path.with_name(f".refusion-{uuid4().hex}{ending}")


@contextmanager
def replacing(path: Path, ending: str = "", overwrite: bool = True) -> Iterator[Path]:
    """Yield a temporary path to write to; on leaving, it replaces `path`, or disappears if anything went wrong.

    The content is forced to the disk before the file gets its name, and then the name.

    Parameters
    ----------
    ending
        Of the temporary name, for writers that look at it (``.nii.gz``).
    overwrite
        Whether a file that is there by then may be replaced.

    Raises
    ------
    FileExistsError
        If a file is there that must not be replaced.
    OSError
        If it cannot be written; a former file is then still there.
    """
    temporary = temporary_beside(path, ending)
    try:
        yield temporary
        sync_file(temporary)
        if not overwrite and path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        temporary.replace(path)
        sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):  # what went wrong before is what must be reported
            temporary.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Force a file's content to the disk."""
    with path.open("rb+") as written:
        os.fsync(written.fileno())


def sync_folder(folder: Path) -> None:
    """Force the renaming to the disk where the system can (not on Windows)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

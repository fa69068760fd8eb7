"""The boundary around every decoder: whatever it throws over a file becomes a refusal that names the file.

Parsers and codecs raise anything over damaged and hostile files: errors of every class, RecursionError, MemoryError,
and those in Rust what is no Exception at all. No list of expected errors was ever complete, so there is none.
"""

import functools
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from napari_refusion.io.given_path import GivenPaths, given_paths
from napari_refusion.io.plausible import damaged, unreadable
from napari_refusion.volume.finding import RefusedError, refuse

F = TypeVar("F", bound=Callable[..., Any])

OURS: Final = (RefusedError, KeyboardInterrupt, SystemExit, GeneratorExit)
"""What passes: a reason that was given already, and what no decoder throws."""

_LONGEST: Final = 120
"""Characters of a decoder's message that are shown."""


@contextmanager
def decoding(path: Path, explained: Callable[[Path, BaseException], RefusedError] | None = None) -> Iterator[None]:
    """Turn whatever is thrown inside into a refusal, and keep it as the cause.

    Parameters
    ----------
    path
        The file that is decoded.
    explained
        What to say of it in place of `undecodable`.

    Raises
    ------
    RefusedError
        For everything but `OURS`, which pass as they are.
    """
    try:
        yield
    except OURS:
        raise
    except BaseException as error:
        if isinstance(error.__cause__, KeyboardInterrupt):  # Python 3.11 wraps it while a class is made, in an import
            raise error.__cause__ from None
        raise (explained or undecodable)(path, error) from error


def bounded(function: F) -> F:
    """Return a function whose first argument is a path, or several paths, behind the boundary; text is made a path."""

    @functools.wraps(function)
    def behind(given: GivenPaths, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the function's
        paths = given_paths(given)
        with decoding(paths if isinstance(paths, Path) else next(iter(paths), Path())):
            return function(paths, *args, **kwargs)

    return cast("F", behind)


def undecodable(path: Path, error: BaseException) -> RefusedError:
    """Return the refusal of a file that cannot be decoded."""
    if isinstance(error, MemoryError):
        return no_memory(path)
    if isinstance(error, EOFError | gzip.BadGzipFile | zlib.error):
        return damaged(path)
    if isinstance(error, OSError):
        return unreadable(path, error)
    if isinstance(error, RecursionError):
        sentence = f"Export it again, for it is damaged and nests its contents deeper than any program writes: {path}"
        return refuse("file", sentence, "nesting")
    what = reason(error)
    return refuse("file", f"Export it again, for it is damaged or of a kind that is not read ({what}): {path}.", what)


def no_memory(path: Path) -> RefusedError:
    """Return the refusal of a file for which memory does not suffice."""
    sentence = f"Crop it, or use a larger computer, for it does not fit into this computer's memory: {path}"
    return refuse("memory", sentence)


def reason(error: BaseException) -> str:
    """Return what a decoder said, in one short line and without addresses in memory; its name where it said nothing."""
    said = re.sub(r" ?<[^>]* at 0x[0-9a-f]+>", "", str(error)).strip().partition("\n")[0]
    return said[:_LONGEST] or type(error).__name__

"""The data set of a bundle: pairs of volumes, each read, ordered, put on one grid, windowed and checked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import torch  # noqa: F401 - before its parts, see tests/test_imports_in_threads.py
from torch.utils.data import Dataset

from napari_refusion.api import pair, read
from napari_refusion.io.fused_files import FusedFiles, fused_files
from napari_refusion.study.study import Study
from napari_refusion.unknown_name import unknown_name
from napari_refusion.volume.finding import refuse

Text = str | int | float | Sequence[str | int | float] | None
"""What MONAI's command line makes of an option: ``4`` is a number there, and ``0,8`` a tuple."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What is to be fused, as `napari_refusion.read` and `napari_refusion.pair` take it; empty where not chosen."""

    first: str | PathLike[str] = ""
    second: str | PathLike[str] = ""
    output: str | PathLike[str] = ""
    """Ends in ``.nii.gz`` or ``.nii``."""
    modality_first: str | None = None
    modality_second: str | None = None
    series_first: Text = None
    series_second: Text = None
    volume_first: Text = None
    volume_second: Text = None
    window_first: Text = None
    window_second: Text = None
    reference: Literal["first", "second", ""] | None = None
    two_patients: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class OpenedPair:
    """A pair that was read, and where its fusion is written."""

    study: Study
    files: FusedFiles
    keep: tuple[Path, ...]
    """What was read, and is never replaced."""


class Pairs(Dataset[OpenedPair]):
    """Pairs by their place in a list; a pair is read when it is asked for.

    Parameters
    ----------
    data
        Of each pair what is chosen of the fields of `Pair`.
    folder
        In which relative paths lie.
    """

    def __init__(
        self, data: Iterable[Mapping[str, Any]], folder: str | PathLike[str], task: str, overwrite: bool = False
    ) -> None:
        self._pairs = tuple(_pair(one) for one in data)
        self._folder = Path(folder)
        self._task = task
        self._overwrite = overwrite

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: int) -> OpenedPair:
        """Return a pair, read and checked.

        Raises
        ------
        RefusedError
            If its result could not be written, or it cannot be read or overlaid without doubt.
        """
        one = self._pairs[index]
        for name in ("first", "second", "output"):
            if not str(getattr(one, name)).strip():
                raise refuse("file", f"Say what to fuse: --first FILE --second FILE --output FILE; {name} is missing.")
        first, second = self._folder / one.first, self._folder / one.second
        files = fused_files(self._folder / one.output)
        files.check(self._overwrite, keep=(first, second))
        opened = (
            read(first, one.modality_first, _text(one.series_first) or None, _text(one.volume_first) or None),
            read(second, one.modality_second, _text(one.series_second) or None, _text(one.volume_second) or None),
        )
        keep = tuple(path for volume in opened for path in volume.origin.read)
        files.check(self._overwrite, keep)
        windows = (_text(one.window_first), _text(one.window_second))
        reference = one.reference or None
        study = pair(*opened, self._task, windows=windows, reference=reference, two_patients=one.two_patients)
        return OpenedPair(study, files, (first, second, *keep))


def _pair(given: Mapping[str, Any]) -> Pair:
    known = [one.name for one in fields(Pair)]
    for name in given:
        if name not in known:
            raise refuse("file", unknown_name("choice for a pair", name, known), name)
    return Pair(**given)


def _text(given: Text) -> str:
    """Return an option as it was typed: MONAI's command line reads numbers, and tuples where there is a comma."""
    if given is None:
        return ""
    if isinstance(given, str) or not isinstance(given, Sequence):
        return str(given)
    return ",".join(str(one) for one in given)

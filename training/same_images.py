"""Whether a run goes on with the images that it began with."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from training.data import PairFiles


def hash_of(pairs: Iterable[PairFiles]) -> str:
    """Return one hash of the files of all pairs in their order, wherever they lie; of a DICOM folder, of all in it.

    Files are hashed, not pixels: another computer may decode a JPEG a little differently. A pair that is named twice
    counts twice. What the header of a volume points to is left out.
    """
    whole = hashlib.sha256()
    for pair in pairs:
        for path in (pair.a, pair.b):
            for file in sorted(path.rglob("*")) if path.is_dir() else (path,):
                if file.is_file():
                    whole.update(_hash_of_file(file))
    return whole.hexdigest()


def _hash_of_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()

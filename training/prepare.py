"""Prepare a public archive for training: ``python -m training.prepare NAME ARCHIVE FOLDER``.

ARCHIVE is the repository of that NAME, downloaded from GitHub by you (Code, Download ZIP), as a zip file or unpacked.
Its images are written to ``mif``, ``ivif``, ``mfif`` or ``meif`` in FOLDER, below that ``train`` or ``devtest``, in
pairs of folders with equal file names that begin with the patient or scene. Nothing is downloaded or overwritten.
"""

import argparse
import io
import sys
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np
from PIL import Image

from training.archives import ARCHIVES

Files = dict[str, Callable[[], bytes]]
"""Path inside an archive -> what reads that file."""

LEVELS: Final = {"p1": (45, 180), "p2": (20, 215)}
"""Mean grey levels that the under- and the over-exposed image of a pair shall be near to, taken from a long series."""

SUFFIXES: Final = {".png": ".png", ".jpg": ".jpg", ".jpeg": ".jpg"}
"""Suffixes of files that are copied as they are -> how they are spelled; BMP and TIFF become PNG."""


def prepare(name: str, archive: Path, folder: Path) -> tuple[int, list[str]]:
    """Write the pairs of an archive below `folder`; return how many, and which images have no partner in the archive.

    Raises
    ------
    ValueError
        If it is not that archive, one of its files is damaged, or a file is there already; nothing is left then.
    """
    known = ARCHIVES[name]
    if folder.resolve().is_relative_to(archive.resolve()):
        raise ValueError(f"{folder}: lies in the archive, which must not be changed: choose another folder.")
    files = list_files(archive)
    planned = list(known.plan(sorted(files)))
    if not planned:
        raise ValueError(f"{archive}: is not {known.repository} from GitHub; it holds no {known.example} or the like.")
    pairs, alone = complete_pairs(with_exposures(planned, files))
    targets = {folder / target: source for target, source in pairs.items()}
    if there := [path for path in targets if path.exists()]:
        raise ValueError(f"{there[0]}: is there already; choose another folder, or remove it.")
    written = []
    try:
        for path, source in targets.items():
            content = converted(files[source], source, path.suffix)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                written.append(path)
                file.write(content)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return len(pairs) // 2, alone


def list_files(archive: Path) -> Files:
    """Return the files in a zip file or folder.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if archive.is_dir():
        paths = [path for path in archive.rglob("*") if path.is_file()]
        return {path.relative_to(archive).as_posix(): path.read_bytes for path in paths}
    if not zipfile.is_zipfile(archive):
        raise ValueError(f"{archive}: is neither a folder nor a zip file.")
    opened = zipfile.ZipFile(archive)
    return {info.filename: partial(opened.read, info) for info in opened.infolist() if not info.is_dir()}


def with_exposures(planned: list[tuple[str, str]], files: Files) -> dict[str, str]:
    """Return targets and their sources, with every series of exposures reduced to an under- and an over-exposed image.

    Two exposures are a pair as they are; of a longer series, up to two pairs are those nearest to `LEVELS`.
    """
    chosen = {target: source for source, target in planned if not target.endswith("/")}
    series = defaultdict(list)
    for source, target in planned:
        if target.endswith("/"):
            series[PurePosixPath(target)].append((mean_level(files[source], source), source))
    for scene, exposures in series.items():
        if len(exposures) == 2:
            pairs = {scene.name: (min(exposures)[1], max(exposures)[1])}
        else:
            pairs = {
                f"{scene.name}_{which}": (_nearest(exposures, levels[0]), _nearest(exposures, levels[1]))
                for which, levels in LEVELS.items()
            }
        taken: set[tuple[str, str]] = set()
        for name, pair in pairs.items():
            if pair not in taken and pair[0] != pair[1]:
                taken.add(pair)
                chosen |= {
                    f"{scene.parent}/{side}/{name}": source
                    for side, source in zip(("under", "over"), pair, strict=True)
                }
    return chosen


def _nearest(exposures: list[tuple[float, str]], level: float) -> str:
    return min(exposures, key=lambda exposure: abs(exposure[0] - level))[1]


def complete_pairs(sources: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return targets, now with suffixes, and their sources where both of a pair are there; and the other sources."""
    pairs = defaultdict(list)
    for target, source in sources.items():
        path = PurePosixPath(target)
        pairs[path.parent.parent / path.name].append((target, source))
    complete: dict[str, str] = {}
    for both in pairs.values():
        if len(both) == 2:
            suffixes = {SUFFIXES.get(PurePosixPath(source).suffix.lower(), ".png") for _, source in both}
            suffix = suffixes.pop() if len(suffixes) == 1 else ".png"
            complete |= {target + suffix: source for target, source in both}
    return complete, [source for both in pairs.values() if len(both) == 1 for _, source in both]


def read_file(read: Callable[[], bytes], source: str) -> bytes:
    """Return the content of a file of an archive.

    Raises
    ------
    ValueError
        If it is damaged or encrypted.
    """
    try:
        return read()
    except (OSError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{source}: cannot be read from the archive ({error}): download it again.") from error


def mean_level(read: Callable[[], bytes], source: str) -> float:
    """Return the mean grey level of an image, 0 to 255."""
    return float(np.asarray(decoded(read_file(read, source), source).convert("L")).mean())


def decoded(content: bytes, source: str) -> Image.Image:
    """Return an image of an archive, grey or RGB.

    Raises
    ------
    ValueError
        If it cannot be decoded, or has more than 8 bits.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.mode not in ("1", "L", "P", "RGB", "RGBA"):
                raise ValueError(f"pixel format {image.mode}")
            return image.convert("L" if image.mode in ("1", "L") else "RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"{source}: is not an 8-bit image ({error}): download the archive again.") from error


def converted(read: Callable[[], bytes], source: str, suffix: str) -> bytes:
    """Return what is written: the file itself, or an image of another format as PNG, which loses nothing."""
    content = read_file(read, source)
    image = decoded(content, source)
    if SUFFIXES.get(PurePosixPath(source).suffix.lower()) == suffix:
        return content
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def main() -> None:
    """Read the command line and prepare."""
    archives = "".join(f"\n  {name:<10} github.com/{known.repository}" for name, known in ARCHIVES.items())
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=f"archives by NAME:{archives}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=ARCHIVES)
    parser.add_argument("archive", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    try:
        count, alone = prepare(arguments.name, arguments.archive, arguments.folder)
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    print(f"{count} pairs in {arguments.folder}")
    if alone:
        print(f"{len(alone)} images have no partner in the archive and were left out: {', '.join(alone)}")


if __name__ == "__main__":
    main()

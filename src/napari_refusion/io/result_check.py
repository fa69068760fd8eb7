"""Whether a fused image is still what its record says, and whether it was made of the files that are named with it."""

from collections.abc import Sequence
from pathlib import Path

from napari_refusion.io.formats import ending
from napari_refusion.io.fused_files import ENDINGS, FILES, sha256_of
from napari_refusion.io.own_result import is_record, record_of
from napari_refusion.io.sidecar import Sidecar
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.volume import Volume

SHOWN = 12
"""Digits of a hash that are told: enough to compare two by eye."""


def is_recorded_result(path: Path) -> bool:
    """Return whether the record of a fusion stands beside an image."""
    return path.is_file() and ending(path) in ENDINGS and is_record(record_of(path))


def check_result(path: Path, sources: Sequence[Volume] = ()) -> tuple[Finding, ...]:
    """Return what there is to say about a fused image: first the images, then each source that is given.

    Parameters
    ----------
    path
        The fused image, grey or coloured.
    sources
        What it is said to have been made of, as read today.
    """
    record = record_of(path)
    if not is_record(record):
        words = f"{path} has no record beside it: it cannot be told what it was made of; fuse the sources again."
        return (Finding("block", "result", words),)
    return (*_images(path, record), *(_source(volume, record) for volume in sources))


def _images(path: Path, record: Sidecar) -> tuple[Finding, ...]:
    """Compare every image that the record names, and the one that was asked for, with its hash."""
    kept = (record.content or {}).get(FILES)
    if not isinstance(kept, dict):
        words = f"{path}: its record, of an earlier version, holds no hash of the image; whether they belong together "
        return (Finding("warn", "result", words + "cannot be told. Fuse the sources again to be sure."),)
    named = {path.name: "", **kept}
    return tuple(_image(path.with_name(Path(name).name), str(expected)) for name, expected in named.items())


def _image(path: Path, expected: str) -> Finding:
    if not expected:
        words = f"{path} is no image of the record beside it, which belongs to another fusion: fuse the sources again."
        return Finding("block", "result", words)
    if not path.is_file():
        return Finding("block", "result", f"{path}, an image of this fusion, is missing: fuse the sources again.")
    found = sha256_of(path)
    if found != expected:
        words = (
            f"{path} is not the image that its record belongs to: fuse the sources again. Expected SHA-256 "
            f"{expected[:SHOWN]}, found {found[:SHOWN]}."
        )
        return Finding("block", "result", words, found[:SHOWN])
    return Finding("ok", "result", f"{path} is as it was written.", found[:SHOWN])


def _source(volume: Volume, record: Sidecar) -> Finding:
    """Compare a source as it is today with both sources of the record."""
    content, found = record.content or {}, volume.origin.sha256
    expected = {side: content[side].get("sha256", "") for side in "ab" if isinstance(content[side], dict)}
    for side, digest in expected.items():
        if found and digest == found:
            return Finding("ok", "result", f"{volume.name} is source {side} as it was fused.", found[:SHOWN])
    words = (
        f"{volume.name} is none of the sources as they were fused: choose the files, series and volume that were, or "
        f"fuse again. Expected SHA-256 {' or '.join(digest[:SHOWN] or 'none' for digest in expected.values())}, found "
        f"{found[:SHOWN] or 'none'}."
    )
    return Finding("block", "result", words, found[:SHOWN])

"""Whether a result is still what its record says, and whether it was made of the files that are named with it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from napari_refusion.io.formats import ending
from napari_refusion.io.fused_files import ENDINGS, FILES
from napari_refusion.io.one_pass import sha256_of
from napari_refusion.io.open import open_volumes
from napari_refusion.io.own_result import is_record, record_of
from napari_refusion.io.sealed import is_changed
from napari_refusion.io.sidecar import Sidecar
from napari_refusion.volume.finding import Finding, RefusedError
from napari_refusion.volume.volume import Volume

AGAIN: Final = "Fuse or compare the sources again"
"""What to do about a result that cannot be vouched for."""

_DIFFERENCE: Final = ("kind", "a", "b", "reference", "notice", FILES)
"""Entries that only the record of a difference holds together, see `fusion.difference.Difference`."""

SHOWN: Final = 12
"""Digits of a hash that are told: enough to compare two by eye."""


def is_recorded_result(path: Path) -> bool:
    """Return whether the record of a fusion or of a difference stands beside an image."""
    return path.is_file() and ending(path) in ENDINGS and _is_of_result(record_of(path))


def _is_of_result(record: Sidecar) -> bool:
    """Return whether what stands beside an image is the record of a fusion or of a difference."""
    return is_record(record) or _is_of_difference(record)


def _is_of_difference(record: Sidecar) -> bool:
    return all(key in (record.content or {}) for key in _DIFFERENCE)


def is_marked_result(path: Path) -> bool:
    """Return whether an image says itself that it is a fused one, also where its record is lost."""
    if not path.is_file() or ending(path) not in ENDINGS:
        return False
    try:
        volumes = open_volumes(path)
    except RefusedError:
        return False
    return any(one.rule == "fused image" for volume in volumes for one in volume.findings)


def check_result(path: Path, sources: Sequence[Volume] = ()) -> tuple[Finding, ...]:
    """Return what there is to say about a result: first the images, then each source that is given.

    Parameters
    ----------
    path
        The fused image, grey or coloured, or a difference.
    sources
        What it is said to have been made of, as read today.
    """
    record = record_of(path)
    if not _is_of_result(record):
        words = "Put its record back, or fuse or compare the sources again: no record of a result stands beside it"
        return (*record.findings, Finding("block", "result", f"{words}, so it cannot be compared: {path}"))
    return (*_record(record), *_images(path, record), *_sources(sources, record))


def _record(record: Sidecar) -> tuple[Finding, ...]:
    """Return what there is to say about a record that was changed after it was written."""
    if not is_changed(record.content or {}):
        return ()
    words = (
        f"{AGAIN}, or put the record back from a copy: something in it (windows, axis, sources, what the "
        f"colours mean) was changed after it was written: {record.path}"
    )
    return (Finding("block", "result", words),)


def _images(path: Path, record: Sidecar) -> tuple[Finding, ...]:
    """Compare every image that the record names, and the one that was asked for, with its hash."""
    kept = (record.content or {}).get(FILES)
    if not isinstance(kept, dict):
        words = f"{AGAIN} to be sure: the record, of an earlier version, holds no hash of the image, so "
        return (Finding("warn", "result", f"{words}whether they belong together cannot be told: {path}"),)
    named = {path.name: "", **kept}
    return tuple(_image(path, name, str(expected or "")) for name, expected in named.items())


def _image(asked: Path, name: str, expected: str) -> Finding:
    """Compare an image beside the one that was asked for with its hash."""
    if not name or Path(name).name != name:
        words = f"{AGAIN}: the record names {name!r}, which is no file beside {asked}."
        return Finding("block", "result", words, name)
    path = asked.with_name(name)
    if not expected:
        words = f"{AGAIN}: the record beside this image belongs to another result: {path}"
        return Finding("block", "result", words)
    if not path.is_file():
        return Finding("block", "result", f"{AGAIN}: an image of this result is missing: {path}")
    found = sha256_of(path)
    if found != expected:
        words = (
            f"{AGAIN}: this is not the image that its record belongs to (expected SHA-256 "
            f"{expected[:SHOWN]}, found {found[:SHOWN]}): {path}"
        )
        return Finding("block", "result", words, found[:SHOWN])
    return Finding("ok", "result", f"The image is as it was written: {path}", found[:SHOWN])


def _sources(sources: Sequence[Volume], record: Sidecar) -> tuple[Finding, ...]:
    """Compare sources as they are today with both sources of the record, each of which is found once."""
    content, done = record.content or {}, "compared" if _is_of_difference(record) else "fused"
    left = {side: str(content[side].get("sha256") or "") for side in "ab" if isinstance(content[side], dict)}
    found = []
    for volume in sources:
        digest = volume.origin.sha256
        side = next((side for side, expected in left.items() if digest and expected == digest), "")
        if side:
            del left[side]
            found.append(Finding("ok", "result", f"{volume.name} is source {side} as it was {done}.", digest[:SHOWN]))
        else:
            found.append(_stranger(volume.name, digest, content, done))
    return tuple(found)


def _stranger(name: str, digest: str, content: Mapping[str, Any], done: str) -> Finding:
    """Return what to say about a volume that is none of the sources, or one that was named before."""
    expected = [str(content[side].get("sha256") or "") for side in "ab" if isinstance(content[side], dict)]
    if digest and digest in expected:
        words = f"Name the other source as well: {name} was named twice."
    elif not any(expected):
        words = f"{AGAIN}: the record holds no hash of a source to compare {name} with."
    else:
        words = (
            f"{name} is none of the sources as they were {done}: choose the files, series and volume that were, or "
            f"make the result again. Expected SHA-256 {' or '.join(one[:SHOWN] or 'none' for one in expected)}, found "
            f"{digest[:SHOWN] or 'none'}."
        )
    return Finding("block", "result", words, digest[:SHOWN])

"""Write a pack: everything into a folder beside the target, the index last, then the folder takes its place."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from training.pack.encoding import LeftOut, PackedImage, PlannedSet
from training.pack.reading import FORMAT, INDEX, content_hash

LARGEST: Final = 60_000_000
"""Bytes that a pack may have: what travels to a lent machine."""

CHECKOUT: Final = Path(__file__).parents[2]

PACKAGE: Final = "src/napari_refusion"

CODE: Final = (
    ("training", "**/*.py"),
    ("training", "**/*.toml"),
    (PACKAGE, "*.py"),
    (f"{PACKAGE}/model", "**/*.py"),
    (f"{PACKAGE}/numerics", "**/*.py"),
    (f"{PACKAGE}/weights", "*.safetensors"),
)
"""What `training.gpu` needs on a bare machine: folders of the checkout, and which files of them."""


def write_pack(sets: Iterable[PlannedSet], output: Path, data: Path) -> dict[str, Any]:
    """Write a pack to `output`, which may be an older pack, and return its index.

    Raises
    ------
    ValueError
        If `output` lies in the data or holds anything but a pack, nothing is there to be packed, it becomes too large,
        or the disk is full; an older pack is then still there.
    """
    check_output(output, data)
    with _unfinished(output) as folder:
        entries: list[dict[str, Any]] = []
        left_out: list[str] = []
        for planned in sets:
            new, sentences = write_set(planned, folder)
            entries += new
            left_out += sentences
        if not entries:
            raise ValueError(f"{data}: holds nothing that can be packed: check the folder.")
        copy_code(CHECKOUT, folder / "code")
        whole = content_hash({entry["file"]: entry["sha256"] for entry in entries})
        index = {"format": FORMAT, "sha256": whole, "left_out": left_out, "sets": entries}
        (folder / INDEX).write_text(json.dumps(index), encoding="utf-8", newline="\n")
        size = folder_size(folder)
        if size > LARGEST:
            raise ValueError(
                f"{output}: would have {size / 1e6:.1f} MB, more than {LARGEST / 1e6:.0f}: pack fewer --tasks, "
                f"fewer slices of bodies (--every 4), or smaller photographs (--longest 256)."
            )
    return index


def check_output(output: Path, data: Path) -> None:
    """Refuse an output folder that lies in the data, holds them, or holds anything but a pack."""
    target, source = output.resolve(), data.resolve()
    if target.is_relative_to(source) or source.is_relative_to(target):
        raise ValueError(f"{output}: lies in the data or holds them, and they stay as they are: choose another folder.")
    if output.exists() and not (output / INDEX).is_file() and not (output.is_dir() and not any(output.iterdir())):
        raise ValueError(f"{output}: already exists and is not a pack: choose another folder, or remove it.")


def write_set(planned: PlannedSet, folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Write one set, a zip file for each split; return their entries of the index, and what was left out."""
    images: dict[str, list[PackedImage]] = {"train": [], "validation": []}
    left_out = []
    for image in planned.images:
        if isinstance(image, LeftOut):
            left_out.append(image.sentence)
        else:
            held_out = bool(planned.validation) and image.name.startswith(planned.validation)
            images["validation" if held_out else "train"].append(image)
    return [_write_split(planned, split, found, folder) for split, found in images.items() if found], left_out


def _write_split(planned: PlannedSet, split: str, images: list[PackedImage], folder: Path) -> dict[str, Any]:
    """Write one zip file, image after image, channel after channel, and return its entry of the index."""
    file = folder / f"{planned.name.replace('/', '-')}.{split}.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for image in images:
            for channel, (suffix, content) in zip(planned.channels, image.files, strict=True):
                # a fixed date: the same data are the same bytes, and so the same hash
                archive.writestr(zipfile.ZipInfo(f"{image.name}.{channel.name}{suffix}"), content)
    return {
        "name": planned.name,
        "task": planned.task,
        "split": split,
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "channels": [asdict(channel) for channel in planned.channels],
        "names": [image.name for image in images],
        "heights": [image.height for image in images],
        "widths": [image.width for image in images],
    }


def copy_code(checkout: Path, target: Path) -> None:
    """Copy the program and its weights, at the same places as in the checkout."""
    for name, pattern in CODE:
        for path in sorted((checkout / name).glob(pattern)):
            copy = target / path.relative_to(checkout)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def folder_size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@contextmanager
def _unfinished(output: Path) -> Iterator[Path]:
    """Yield an empty folder beside `output`; on leaving, it takes its place, or disappears if anything went wrong."""
    folder = output.with_name(f".{output.name}.unfinished")
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        yield folder
        if output.exists():
            shutil.rmtree(output)
        folder.replace(output)
    except OSError as error:
        raise ValueError(f"{output}: cannot be written ({error.strerror or error}): choose another place.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)

"""From a file that passed the gate of its format to volumes: choice, voxels, hash, and what they show, in one pass.

Each format brings a gate, which opens its file and judges the header; everything behind it is the same for all.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

from napari_refusion.io.boundary import decoding
from napari_refusion.io.choice import Chosen, VolumeChoice, choose_volume, identity_of
from napari_refusion.io.frames import Frames, about_step
from napari_refusion.io.identify import Identity, identify, modality_of, stem
from napari_refusion.io.listing import Listed
from napari_refusion.io.one_pass import MOST_SURPLUS, Digest, OnePass, sha256, to_the_end
from napari_refusion.io.own_result import own_result
from napari_refusion.io.plausible import check_values, surplus
from napari_refusion.io.sidecar import Sidecar, is_uncorrected, patient_of
from napari_refusion.io.voxels import Stored, read_voxels
from napari_refusion.volume.affine import IPL, Affine, spacing
from napari_refusion.volume.finding import Finding, RefusedError, blocking
from napari_refusion.volume.modality import MODALITIES
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume


@dataclass(frozen=True, slots=True, eq=False)
class Gated:
    """What the header of a file declares, after it was judged; the voxels are not read yet."""

    path: Path
    """As it was asked for."""
    files: tuple[Path, ...]
    """Header and data file, in the order in which they are hashed."""
    stored: Stored
    affine: Affine
    """(4, 4) stored indices -> RAS+ mm."""
    sidecar: Sidecar
    frames: Frames
    findings: tuple[Finding, ...] = ()
    is_packed: bool = False
    """Whether the voxels are compressed."""
    has_footer: bool = False
    """Whether the format puts more behind the voxels, so that it is no sign of a wrong header."""
    modality: str = ""
    """DICOM Modality in the header, empty where it has none."""
    unit: str = ""
    """What the header says that voxels of this modality are in, as `Volume.unit`; empty where it says nothing."""
    description: str = ""
    """What the header says of the image in words."""
    space: str = ""
    """See `Acquisition.space`."""


Gate: TypeAlias = Callable[[Path, Digest], AbstractContextManager[tuple[Gated, OnePass]]]
"""Opens a file, hashes it as it is read, and yields what it declares with the stream of its voxels."""


def read_one(gate: Gate, path: Path, modality: str | None, volume: VolumeChoice) -> Volume:
    """Return one volume of a file; see `choice.choose_volume`."""
    (found,) = _read(
        gate, path, modality, lambda names, times, alike: (choose_volume(path, volume, names, times, alike=alike),)
    )
    return found


def read_all(gate: Gate, path: Path, modality: str | None) -> tuple[Volume, ...]:
    """Return every volume of a file, in its order."""
    return _read(
        gate,
        path,
        modality,
        lambda names, times, _: tuple(choose_volume(path, number, names, times) for number in range(len(names))),
    )


def list_file(gate: Gate, path: Path) -> tuple[Listed, ...]:
    """Return what a file holds, by its header alone, or why it cannot be read."""
    try:
        return (_listed(gate, path),)
    except RefusedError as error:
        reason = blocking(error.findings)[0].sentence
        return (Listed("", "", path.name, "", (0, 0, 0), None, None, refusal=reason),)


def _listed(gate: Gate, path: Path) -> Listed:
    """Return what the header of a file says."""
    with decoding(path), gate(path, None) as (gated, _):
        modality, _findings = modality_of(path, gated.sidecar, gated.modality)
        order = ornt_transform(io_orientation(gated.affine), axcodes2ornt(IPL))[:, 0].astype(int)
        axes = np.argsort(order)
        shape, sizes = np.array(gated.stored.shape)[axes].tolist(), spacing(gated.affine)[axes].tolist()
        corrected = None
        if modality == "PT":
            known = gated.sidecar.words("CorrectedImage") or gated.sidecar.text("AttenuationCorrection")
            corrected = not is_uncorrected(gated.sidecar) if known else None
        return Listed(
            series="",
            uid="",
            name=stem(path),
            modality=modality,
            shape=(shape[0], shape[1], shape[2]),
            spacing=(sizes[0], sizes[1], sizes[2]),
            corrected=corrected,
            parts=gated.frames.names,
        )


_Choose: TypeAlias = Callable[[Sequence[str], Sequence[tuple[float, float] | None], bool], tuple[Chosen, ...]]


def _read(gate: Gate, path: Path, modality: str | None, choose: _Choose) -> tuple[Volume, ...]:
    """Return the volumes that are chosen, all from one pass over the file."""
    digest = sha256()
    with decoding(path):
        with gate(path, digest) as (gated, stream):
            chosen = choose(gated.frames.names, gated.frames.times, gated.frames.alike)
            placed = read_voxels(path, stream, gated.stored, chosen, gated.affine)
            end = gated.stored.end
            present, junk = to_the_end(path, stream, end, MOST_SURPLUS if gated.is_packed else inf)
            about_size = surplus(path, end, end if gated.has_footer and present > end else present, junk)
        hashed = digest.hexdigest()
        from napari_refusion.io.by_monai import loaded  # seconds and 350 MB, which no refusal before should cost

        volumes = loaded(path, placed.data)
    found = []
    for one, data in zip(chosen, volumes, strict=True):
        identity = identify(path, data, gated.modality, modality, gated.sidecar, gated.unit)
        unit, about_sum = _unit_of(path, identity, one)
        values = identity.in_unit(data)
        about = (*about_size, *gated.findings, *gated.frames.findings, *check_values(path, values))
        known = MODALITIES.get(identity.modality)
        about_times = about_step(path, gated.frames, is_functional=known is not None and known.is_functional)
        own = own_result(path, values, gated.description, gated.sidecar)
        found.append(
            Volume(
                data=values,
                affine=placed.affine,
                modality=identity.modality,
                unit=unit,
                name=_name(gated, one),
                origin=Origin(
                    (*gated.files, *identity.files),
                    sha256=_identity(hashed, gated, one),
                    patient=patient_of(gated.sidecar),
                ),
                stored_axes=placed.axes,
                acquisition=replace(identity.acquisition, part=one.part, time=one.time, space=gated.space),
                findings=(*about, *about_times, *identity.findings, *about_sum, *own),
            )
        )
    return tuple(found)


def _name(gated: Gated, chosen: Chosen) -> str:
    """Return what to call a volume: the file's name, with what tells it from the others where there are several."""
    name = stem(gated.path)
    return name if gated.frames.count == 1 else f"{name}, {chosen.part or f'volume {chosen.choice}'}"


def _identity(hashed: str, gated: Gated, chosen: Chosen) -> str:
    """Return what tells one volume from all others: the hash of its files, with its number where they hold several."""
    if gated.frames.count == 1:
        return hashed
    return identity_of(
        chosen, [hashlib.sha256(f"{hashed} volume {index}".encode()).hexdigest() for index in chosen.indices]
    )


def _unit_of(path: Path, identity: Identity, chosen: Chosen) -> tuple[str, list[Finding]]:
    """Return the unit of a choice: a sum of concentrations is no concentration."""
    if not (chosen.is_sum and identity.unit):
        return identity.unit, []
    sentence = f"Take the mean to keep a unit: the frames were added up, and the sum is not in {identity.unit}: {path}"
    return "", [Finding("warn", "unit", sentence, "sum")]


GZIP: Final = b"\x1f\x8b"
"""The first bytes of what gzip compressed."""

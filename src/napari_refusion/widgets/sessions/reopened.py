"""The images of a saved session, read again: in a worker, before anything of the viewer is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_refusion.session.saved.folder import check_files, read_array
from napari_refusion.session.saved.places import candidates, title_of
from napari_refusion.volume.finding import Finding, RefusedError, refuse
from napari_refusion.volume.origin import Origin
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.frames import FRAMES, FrameStack
from napari_refusion.widgets.layer_marks import KEY
from napari_refusion.widgets.layers import LayerData, to_layer_data
from napari_refusion.widgets.opening.reading import layers_of, list_offers

if TYPE_CHECKING:
    from pathlib import Path

    from napari_refusion.session.saved.content import SavedSession
    from napari_refusion.session.saved.layer import FileSource, KnownVolume, SavedLayer
    from napari_refusion.widgets.opening.offer import Offer, Taken


@dataclass(frozen=True, slots=True)
class Missing:
    """Sources that were not found."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Reopened:
    """All images of a session."""

    layers: tuple[LayerData | np.ndarray | None, ...]
    """Of each layer: what napari makes it from, voxels of one from elsewhere, None for drawings and results."""
    fused: np.ndarray | None
    """(I, P, L) float32 in [0, 1], as far as there are slices."""


def reopen(
    folder: Path, saved: SavedSession, asked: Sequence[Path] = ()
) -> Iterator[str | Missing | RefusedError | Reopened]:
    """Yield what is being read, and at the end all images, or what is missing, or why the session cannot be opened.

    Parameters
    ----------
    asked
        Folders in which the user says that the sources lie now.
    """
    reader = _SourceReader(folder, tuple(asked))
    try:
        yield "Checking the files of the session ..."
        check_files(folder, saved)
        found: list[LayerData | np.ndarray | None] = []
        missing: list[str] = []
        for layer in saved.layers:
            if layer.file is not None:
                yield f"Reading {title_of(layer.file.place)} ..."
                source = reader.read(layer.file)
                missing += [title_of(layer.file.place)] if source is None else []
                found.append(source)
            else:
                found.append(_stored(folder, layer))
        fused = None if saved.fusion is None else _fused(folder, saved)
    except RefusedError as error:
        yield error
        return
    yield Missing(tuple(dict.fromkeys(missing))) if missing else Reopened(tuple(found), fused)


class _SourceReader:
    """Reads sources that are still the ones that were saved; what is read for one layer is used for others."""

    def __init__(self, folder: Path, asked: tuple[Path, ...]) -> None:
        self._folder, self._asked = folder, asked
        self._read: dict[tuple[Any, ...], list[LayerData]] = {}

    def read(self, source: FileSource) -> LayerData | None:
        """Return the layer of a source; None where its files are nowhere.

        Raises
        ------
        RefusedError
            If files of these names are there, and none of them is the image that was saved.
        """
        wrong: list[RefusedError] = []
        for paths in candidates(source.place, self._folder, self._asked):
            try:
                found = self._find(paths, source)
            except RefusedError as error:
                wrong.append(error)
                continue
            if found is not None:
                return found
            words = (
                f"Bring the image back that this session was saved with, or open the images without it: "
                f"{title_of(source.place)} was changed since, so the session is not opened: {paths[0]}"
            )
            wrong.append(refuse("changed source", words, source.sha256[:12]))
        if wrong:
            raise wrong[0]
        return None

    def _find(self, paths: tuple[Path, ...], source: FileSource) -> LayerData | None:
        """Return the layer of a source in what lies at some paths; None where its content is another."""
        offers, errors = list_offers(paths)
        usable = [offer for offer in offers if offer.is_usable]
        same = [offer for offer in usable if not source.series or offer.listed.uid.startswith(source.series)]
        if not usable and errors:
            raise errors[0]
        for offer in same or usable:
            for taken in _ways(offer, source.part):
                for layer in self._layers(offer, taken):
                    if _digest(layer) == source.sha256:
                        return layer
        return None

    def _layers(self, offer: Offer, taken: tuple[Taken, ...]) -> list[LayerData]:
        key = (offer.where, offer.series, taken)
        if key not in self._read:
            self._read[key] = layers_of(offer, taken)
        return self._read[key]


def _ways(offer: Offer, part: str) -> Iterator[tuple[Taken, ...]]:
    """Yield in which ways a source may have been taken of what is offered."""
    yield offer.by_default
    parts = offer.listed.parts
    if len(parts) > 1:
        named = [index for index, one in enumerate(parts) if one and one in part]
        for index in named or range(len(parts)):
            yield (index,)


def _digest(layer: LayerData) -> str:
    marks = layer[1]["metadata"][KEY]
    stack = marks.get(FRAMES)
    if isinstance(stack, FrameStack):
        return " ".join(one.origin.sha256 for one in stack.volumes)
    return str(marks["volume"].origin.sha256)


def _stored(folder: Path, layer: SavedLayer) -> LayerData | np.ndarray | None:
    """Return what the session's folder holds of a layer."""
    if layer.array is None:
        return None
    data = read_array(folder, layer.array)
    if layer.array.volume is None:
        return data
    return to_layer_data(_volume(data, layer.array.volume, layer.look.name))


def _volume(data: np.ndarray, known: KnownVolume, name: str) -> Volume:
    """Return voxels with what the plugin knew of them."""
    try:
        findings = tuple(Finding(*one) for one in known.findings)
        return Volume(
            data=data.astype(np.float32, copy=False),
            affine=np.array(known.affine),
            modality=known.modality,
            unit=known.unit,
            name=known.name,
            origin=Origin(sha256=known.sha256),
            frame_of_reference=known.frame_of_reference,
            stored_axes=known.stored_axes,
            acquisition=known.acquisition,
            is_photograph=known.is_photograph,
            is_depth_unknown=known.is_depth_unknown,
            findings=findings,
        )
    except ValueError as error:
        words = f"Open the images without the session: its record of the layer {name} is damaged ({error})."
        raise refuse("session", words, name) from error


def _fused(folder: Path, saved: SavedSession) -> np.ndarray:
    """Return the fused slices of a session."""
    assert saved.fusion is not None
    fused = read_array(folder, saved.fusion.array)
    if not (np.isfinite(fused).all() and fused.min(initial=0) >= 0 and fused.max(initial=0) <= 1):
        words = f"Copy the whole folder of the session again: its fused slices are not between 0 and 1: {folder}"
        raise refuse("session", words, "fused")
    return fused

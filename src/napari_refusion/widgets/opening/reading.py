"""What paths offer, and the layers of what is taken of it; no window is needed for either."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from napari_refusion.io.formats import DICOM, format_of
from napari_refusion.volume.finding import RefusedError, refuse
from napari_refusion.widgets.layers import LayerData, to_layer_data
from napari_refusion.widgets.opening.arrange import arrange, mean_volume, own_identities
from napari_refusion.widgets.opening.offer import ALL, MEAN, Choice, Offer, Taken


def list_offers(paths: Sequence[Path]) -> tuple[list[Offer], list[RefusedError]]:
    """Return what some paths offer, the likely first, and why others could not be looked into."""
    from napari_refusion.io.listing import list_path

    offers: list[Offer] = []
    errors: list[RefusedError] = []
    for where in _together(paths):
        try:
            offers += [Offer(where, listed) for listed in list_path(_plain(where))]
        except RefusedError as error:
            errors.append(error)
    return offers, errors


def read(chosen: Sequence[Choice]) -> tuple[list[LayerData], list[RefusedError]]:
    """Return the layers of what was chosen, and why the rest could not be read."""
    layers: list[LayerData] = []
    errors: list[RefusedError] = []
    for offer, taken in chosen:
        try:
            layers += layers_of(offer, taken)
        except RefusedError as error:
            errors.append(error)
    return layers, errors


def layers_of(offer: Offer, taken: Sequence[Taken]) -> list[LayerData]:
    """Return the layers of what is taken of an offer; its files are read once.

    Raises
    ------
    RefusedError
        If its reader refuses it.
    """
    from napari_refusion.io.open import open_volume, open_volumes

    where, series, name = _plain(offer.where), offer.series, offer.listed.name
    if offer.count < 2:
        return [to_layer_data(open_volume(where, series=series))]
    if len(taken) == 1 and taken[0] != ALL:
        return [to_layer_data(open_volume(where, series=series, volume=taken[0]))]
    volumes = own_identities(open_volumes(where, series=series))
    layers: list[LayerData] = []
    # of frames of which some cannot be read there is no mean: it would seem to be of the whole time
    with_mean = MEAN in taken and len(volumes) == offer.count
    if ALL in taken:
        layers += arrange(volumes, name, offer.has_frames, with_mean=with_mean)
    elif with_mean:
        layers.append(to_layer_data(mean_volume(volumes, name)))
    if ALL in taken and not offer.has_frames:
        return layers  # each has a layer already
    # by name: volumes that cannot be read are missing, and numbers count all
    by_part = {volume.acquisition.part: volume for volume in volumes} if len(volumes) < offer.count else {}
    for index in (one for one in taken if isinstance(one, int)):
        volume = by_part.get(offer.listed.parts[index]) if by_part else volumes[index]
        layers.append(to_layer_data(volume or open_volume(where, series=series, volume=index)))
    return layers


def refusals(offers: Sequence[Offer]) -> tuple[RefusedError, ...]:
    """Return why some of the offers cannot be opened."""
    return tuple(refuse("series", offer.listed.refusal) for offer in offers if not offer.is_usable)


def _together(paths: Sequence[Path]) -> list[tuple[Path, ...]]:
    """Return paths that are opened together: loose DICOM files, which may be slices of one series; others alone."""
    loose = tuple(path for path in paths if is_dicom_file(path))
    alone: list[tuple[Path, ...]] = [(path,) for path in paths if path not in loose]
    return [loose, *alone] if loose else alone


def is_dicom_file(path: Path) -> bool:
    """Return whether a path is one file of DICOM, and no DICOMDIR, which names others."""
    try:
        return path.is_file() and path.name.upper() != "DICOMDIR" and format_of(path) is DICOM
    except OSError:
        return False


def _plain(where: tuple[Path, ...]) -> Path | tuple[Path, ...]:
    return where[0] if len(where) == 1 else where

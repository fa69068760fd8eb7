"""The one intensity window of a volume: by its modality, or as the user chose it."""

import numpy as np

from napari_refusion.numerics.intensity import Window, percentile_window
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.modality import CT_PRESETS, MODALITIES, full_range
from napari_refusion.volume.volume import Volume


def volume_window(volume: Volume, choice: str = "") -> Window:
    """Return the window of a volume in its unit, by its modality or by choice, see `choose_window`.

    Brightness that is already between 0 and 1 (photographs, colours) is not stretched without being asked: an
    under-exposed photograph would no longer be one.

    Raises
    ------
    RefusedError
        If the choice does not fit the volume, or the volume is empty or constant.
    """
    values = volume.grey
    if not choice and (volume.is_rgb or (volume.is_photograph and values.min() >= 0 and values.max() <= 1)):
        return Window(0.0, 1.0)
    try:
        return choose_window(values, volume.modality, volume.unit, choice)
    except ValueError as error:
        raise refuse("window", f"{volume.name or 'The unnamed volume'}: {error}", choice) from error


def choose_window(data: np.ndarray, modality: str, unit: str, choice: str = "") -> Window:
    """Return the one window of a volume.

    Without a choice that of its modality (`modality.MODALITIES`): CT in HU the brain preset, PET and SPECT from 0 to
    the 99.5th percentile of the foreground, MRI from the 0.5th to the 99.5th percentile, anything else its full range.

    Parameters
    ----------
    data
        (I, P, L) in `unit`.
    modality
        DICOM Modality, empty for unknown.
    choice
        A CT preset (``brain``, ``bone``, ``soft``, ``lung``), ``LOW,HIGH`` in the volume's unit, or percentiles
        ``p1,p99``.

    Raises
    ------
    ValueError
        If the choice is none of these, or a CT preset is asked for a volume that is not in HU.
    """
    choice = choice.strip().lower()
    if choice in CT_PRESETS:
        if unit != "HU":
            raise ValueError(f"Window {choice!r} is in HU, but this volume is in {unit or 'arbitrary units'}.")
        return Window(*CT_PRESETS[choice])
    if choice:
        return _parse_window(data, choice)
    return MODALITIES[modality].window(data, unit) if modality in MODALITIES else full_range(data, unit)


def _parse_window(data: np.ndarray, choice: str) -> Window:
    """Return the window for ``LOW,HIGH`` or ``p1,p99``."""
    parts = [part.strip() for part in choice.split(",")]
    try:
        if len(parts) == 2 and all(part.startswith("p") for part in parts):
            low, high = (float(part[1:]) for part in parts)
            if not 0 <= low < high <= 100:
                raise ValueError
            return percentile_window(data, low, high)
        low, high = (float(part) for part in parts)
    except ValueError:
        known = ", ".join(CT_PRESETS)
        raise ValueError(f"Window {choice!r} is neither a CT preset ({known}), LOW,HIGH, nor p1,p99.") from None
    return Window(low, high)

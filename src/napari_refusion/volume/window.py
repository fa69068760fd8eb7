"""The one intensity window of a volume."""

from napari_refusion.numerics.intensity import Window, choose_window
from napari_refusion.volume.finding import refuse
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

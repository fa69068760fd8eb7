"""A window in the words of its unit."""

from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.figures import in_figures


def window_text(window: Window, unit: str) -> str:
    """Return a window with its unit: ``W 80 L 40 HU``, ``0 to 7.2 SUVbw``, ``0 to 812 a.u.``.

    HU are read by width and level (centre), to a tenth; everything else by its ends.

    Parameters
    ----------
    unit
        As in `Volume.unit`, empty for arbitrary units.
    """
    if unit == "HU":
        width, level = round(window.high - window.low, 1), round((window.low + window.high) / 2, 1)
        return f"W {width:g} L {level:g} HU"
    return f"{in_figures(window.low)} to {in_figures(window.high)} {unit or 'a.u.'}"

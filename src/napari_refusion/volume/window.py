"""The one intensity window of a volume: by its modality, or as the user chose it."""

import numpy as np

from napari_refusion.numerics.intensity import Window, percentile_window
from napari_refusion.volume.chosen_window import ALONE, CHOSEN, ChosenWindow, Purpose, UptakeScales
from napari_refusion.volume.ct_window import header_source
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.modality import MODALITIES, full_range
from napari_refusion.volume.preset import PLAIN_SUV, PRESETS, SUV
from napari_refusion.volume.two_numbers import two_texts
from napari_refusion.volume.volume import Volume

FULL_BRIGHTNESS = ChosenWindow(Window(0.0, 1.0), "brightness as it is")
"""Of photographs and colours."""

HEADER = "header"
"""The choice of a window that the volume's header holds; with a number from 2 on, of a further one."""


ALL_FRAMES = "frames"
"""Before ``LOW,HIGH``: the window was not chosen by a user, but is that of all frames that are opened together."""


def volume_window(volume: Volume, choice: str = "") -> Window:
    """Return the window of a volume in its unit, see `choose_window`."""
    return choose_window(volume, choice).window


def choose_window(volume: Volume, choice: str = "", purpose: Purpose = ALONE) -> ChosenWindow:
    """Return the one window of a volume in its unit, and where it came from.

    Without a choice that of its modality (`modality.MODALITIES`): CT by its header, body part or content, PET in SUV on
    a fixed scale, counts from 0 to the 99.5th percentile of the foreground, MRI from the 0.5th to the 99.5th, anything
    else its full range. Brightness between 0 and 1 is not stretched: colours never, and no photograph of a task that is
    not medical, for an under-exposed one would no longer be one.

    Parameters
    ----------
    choice
        A preset (`preset.PRESETS`, as ``brain`` or ``suv5``), ``header`` or ``header 2`` for one of its header,
        ``LOW,HIGH`` in the volume's unit, or percentiles ``p1,p99``; with decimal commas ``0,5;7,5``.
    purpose
        What it is for.

    Raises
    ------
    RefusedError
        If the choice does not fit the volume, or the volume is empty or constant.
    """
    choice = choice.strip().lower()
    try:
        if choice:
            return _chosen(volume, choice)
        if volume.is_rgb or (volume.is_photograph and _is_brightness(volume.data, purpose)):
            return FULL_BRIGHTNESS
        opening = MODALITIES[volume.modality].window if volume.modality in MODALITIES else full_range
        return opening(volume, purpose)
    except ValueError as error:
        raise refuse("window", f"{volume.name or 'The unnamed volume'}: {error}", choice) from error


def check_choice(choice: str) -> None:
    """Refuse what is the window of no volume at all, before many volumes are asked for it.

    Raises
    ------
    RefusedError
        If the choice is neither a word nor numbers that `choose_window` takes.
    """
    words = choice.strip().lower()
    if not words or words in PRESETS or words.startswith(HEADER):
        return
    try:
        low, high, is_share = _numbers(words.removeprefix(ALL_FRAMES))
        if not is_share:
            Window(low, high)
    except ValueError as error:
        raise refuse("window", str(error), choice) from error


def typed_window(choice: str) -> Window | None:
    """Return the window of ``LOW,HIGH``, which needs no volume; None for percentiles and whatever is no window."""
    try:
        low, high, is_share = _numbers(choice.strip().lower())
        return None if is_share else Window(low, high)
    except ValueError:
        return None


def purpose_beside(volume: Volume, other: Volume, scales: UptakeScales, *, is_medical: bool) -> Purpose:
    """Return what the window of a volume is for that is paired with another one."""
    return Purpose(other.is_functional and not volume.is_functional, scales, is_medical)


def _chosen(volume: Volume, choice: str) -> ChosenWindow:
    """Return the window that a user chose by a word or by numbers."""
    if choice in PRESETS:
        preset = PRESETS[choice]
        if preset.unit != volume.unit and (preset.unit, volume.unit) != (SUV, PLAIN_SUV):
            own = volume.unit or "arbitrary units"
            raise ValueError(f"Choose another window: {choice} is in {preset.unit}, but this volume is in {own}.")
        return ChosenWindow(preset.window, f"{CHOSEN}, {choice}")
    if choice.startswith(HEADER):
        headers, number = volume.acquisition.windows, choice.removeprefix(HEADER).strip() or "1"
        if not number.isdecimal() or not 1 <= int(number) <= len(headers):
            raise ValueError(_other_than_in_header(choice, len(headers)))
        header = headers[int(number) - 1]
        return ChosenWindow(header.window, f"{CHOSEN}, {header_source(header)}")
    if choice.startswith(ALL_FRAMES):
        return ChosenWindow(_parse_window(volume, choice.removeprefix(ALL_FRAMES)), "of all frames together")
    return ChosenWindow(_parse_window(volume, choice), CHOSEN)


def _other_than_in_header(choice: str, count: int) -> str:
    """Return what to choose in place of a window that is not among the `count` windows of a volume's header."""
    held = {0: "none", 1: f"one, {HEADER} 1"}.get(count, f"{HEADER} 1 to {HEADER} {count}")
    return f"Choose another window than {choice!r}: the header of this volume holds {held}."


def _parse_window(volume: Volume, choice: str) -> Window:
    """Return the window for ``LOW,HIGH`` or ``p1,p99``."""
    low, high, is_share = _numbers(choice)
    return percentile_window(volume.grey, low, high) if is_share else Window(low, high)


def _numbers(choice: str) -> tuple[float, float, bool]:
    """Return the two numbers of ``LOW,HIGH`` or ``p1,p99``, and whether they are percentiles."""
    is_share = False
    try:
        parts = two_texts(choice)
        is_share = all(part.startswith("p") for part in parts)
        low, high = (float(part[1:] if is_share else part) for part in parts)
        if is_share and not 0 <= low < high <= 100:
            raise ValueError
    except ValueError:
        known = f"a preset ({', '.join(PRESETS)}), {HEADER}, LOW,HIGH (0,5;7,5 with decimal commas) or p1,p99"
        raise ValueError(f"Choose {known}: there is no window {choice!r}.") from None
    return low, high, is_share


def _is_brightness(values: np.ndarray, purpose: Purpose) -> bool:
    """Return whether the pixels of a photograph are brightness that is shown as it is, from 0 to 1.

    An 8-bit picture is as bright as it is meant to be. One of 16 bits or in floating point often holds 10 or 12 bits of
    a medical image, whose full brightness is unknown: it is windowed by its values.
    """
    if not (values.min() >= 0 and values.max() <= 1):
        return False
    levels = values * np.float32(255)
    return not purpose.is_medical or bool(np.abs(levels - np.round(levels)).max() < 1e-3)

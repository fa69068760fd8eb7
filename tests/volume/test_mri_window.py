"""MRI opens by percentiles, or by its header where that fits the values."""

import numpy as np
import pytest

from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.acquisition import Acquisition, HeaderWindow
from napari_refusion.volume.volume import Volume
from napari_refusion.volume.window import choose_window


def mri(*windows: Window) -> Volume:
    """Return an MRI whose foreground runs from 100 to 1100, with windows in its header."""
    data = np.zeros((20, 40, 40), np.float32)
    data[5:15, 10:30, 10:30] = np.linspace(100, 1100, 4000).reshape(10, 20, 20)
    headers = tuple(HeaderWindow(one, "NORMAL") for one in windows)
    return Volume(data, np.eye(4), "MR", acquisition=Acquisition(windows=headers))


@pytest.mark.parametrize("window", [Window(0, 1000), Window(150, 1250), Window(50, 800)])
def test_a_header_s_window_near_the_values_is_taken(window: Window) -> None:
    chosen = choose_window(mri(window, Window(0, 1)))
    assert (chosen.window, chosen.source) == (window, "header, NORMAL")


@pytest.mark.parametrize(
    "window", [Window(0, 100), Window(0, 4095), Window(800, 1000), Window(-2000, 900), Window(20000, 21000)]
)
def test_one_of_another_image_is_not(window: Window) -> None:
    chosen = choose_window(mri(window))
    assert chosen.source == "percentiles 0.5 to 99.5 of the foreground"
    assert (chosen.window.low, chosen.window.high) == pytest.approx((105, 1095), abs=6)


def test_without_a_header_percentiles_are_taken() -> None:
    assert choose_window(mri()).source == "percentiles 0.5 to 99.5 of the foreground"

"""Windows in words."""

import pytest

from napari_refusion.numerics.intensity import Window
from napari_refusion.volume.window_text import window_text


@pytest.mark.parametrize(
    ("low", "high", "unit", "words"),
    [
        (0, 80, "HU", "W 80 L 40 HU"),
        (-1350, 150, "HU", "W 1500 L -600 HU"),
        (0.04, 80.02, "HU", "W 80 L 40 HU"),
        (0, 7.2, "SUVbw", "0 to 7.2 SUVbw"),
        (0, 12345.6, "Bq/ml", "0 to 12346 Bq/ml"),
        (12, 812, "", "12 to 812 a.u."),
    ],
)
def test_a_window_is_told_as_its_unit_is_read(low: float, high: float, unit: str, words: str) -> None:
    assert window_text(Window(low, high), unit) == words

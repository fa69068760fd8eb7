"""Where a slider stops."""

from napari_refusion.volume.slider_steps import whole_steps


def test_positions_are_whole_steps_from_a_slice() -> None:
    assert whole_steps(10.0, 4.0, 8.0, 31.0) == (10.0, 30.0, 4.0)
    assert whole_steps(10.0, 4.0, 1.9, 30.0) == (2.0, 30.0, 4.0)
    assert whole_steps(10.0, 4.0, 2.0 + 1e-9, 30.0 - 1e-9) == (2.0, 30.0, 4.0)

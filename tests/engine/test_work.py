"""Sizes of a pass: they depend on the image alone."""

import pytest

from napari_refusion.engine.work import TILE_COLUMNS, tiles_of


@pytest.mark.parametrize(
    ("shape", "tiles"),
    [((1, 8), (1, 1)), ((32, 256), (1, 1)), ((33, 257), (2, 2)), ((256, 256), (8, 1)), ((2048, 2048), (64, 8))],
)
def test_an_image_is_cut_into_tiles_of_about_32_rows_and_at_most_256_columns(
    shape: tuple[int, int], tiles: tuple[int, int]
) -> None:
    assert tiles_of(*shape) == tiles
    assert -(-shape[1] // tiles[1]) <= TILE_COLUMNS

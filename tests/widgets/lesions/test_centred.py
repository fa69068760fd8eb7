"""A place comes into the middle of every plane."""

import numpy as np
from napari.components import ViewerModel

from napari_refusion.widgets.lesions.places import seen_at
from napari_refusion.widgets.planes.hanging import PLANES


def test_the_camera_looks_at_the_middle_of_an_image_where_napari_fits_it_in_every_plane() -> None:
    for order in PLANES.values():
        model = ViewerModel()
        model.add_image(np.zeros((10, 200, 60)))
        model.dims.order = order
        model.fit_to_view()
        np.testing.assert_allclose(
            seen_at(np.array([4.5, 99.5, 29.5]), model.dims.displayed), model.scene.camera.center
        )

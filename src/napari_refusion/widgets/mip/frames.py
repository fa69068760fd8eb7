"""What is drawn of a projection at an angle: its image, the current place, the lesions' numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.fusion.projected_colours import colours_at
from napari_refusion.volume.projection import Projection, sides_at
from napari_refusion.widgets.mip.drawn import Drawn
from napari_refusion.widgets.mip.images import image_of_colours, image_of_values
from napari_refusion.widgets.world import drawn_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtGui import QImage

    from napari_refusion.numerics.intensity import Window
    from napari_refusion.session.projection import ProjectionSession
    from napari_refusion.volume.projection import Turntable

MAP: Final = "grey_inverted"
"""Of PET and SPECT: much uptake is black, as it is read."""

_FACES: Final = {0: "anterior", 90: "left", 180: "posterior", 270: "right"}
"""Degrees -> which side of the patient is seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A lesion that is marked."""

    number: int
    place: NDArray[np.float64]
    """(3,) RAS+ mm."""


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """How the projections of a session are drawn now."""

    session: ProjectionSession
    window: Window | None
    """Of the source; None where it has none."""
    is_fused: bool
    """Whether the fused colours are drawn, and not the source."""
    point: tuple[float, ...]
    """Where the viewer is."""
    marks: Sequence[Mark]

    def draw(self, projection: Projection) -> Drawn | None:
        """Return the frame of a projection, None where there is nothing to draw."""
        table, degrees = self.session.table, projection.degrees
        if table is None or (image := self._image(projection, table)) is None:
            return None
        return Drawn(
            image,
            table.pixel,
            "black" if self.is_fused else "white",
            sides_at(degrees),
            f"MIP {degrees:.0f}° {_FACES.get(round(degrees), '')}".rstrip(),
            self._cross(table, degrees),
            tuple((mark.number, *table.pixel_of(mark.place, degrees)) for mark in self.marks),
        )

    def _image(self, projection: Projection, table: Turntable) -> QImage | None:
        partial, colouring = self.session.partial, self.session.colouring
        if not self.is_fused:
            return None if self.window is None else image_of_values(projection.values, self.window, MAP)
        if partial is None or colouring is None:
            return None
        places = table.places_of(projection.voxels)
        places[projection.voxels < 0] = np.nan
        return image_of_colours(colours_at(partial, colouring, places))

    def _cross(self, table: Turntable, degrees: float) -> tuple[float, float] | None:
        """Return where the current place is projected to; None where the viewer has none in space."""
        partial = self.session.partial
        if partial is None or len(self.point) < 3:
            return None
        grid = partial.study.fixed.grid
        index = np.asarray(np.linalg.solve(drawn_matrix(grid), (*self.point[-3:], 1.0)), dtype=np.float64)
        return table.pixel_of(grid.point_at(index[:3]), degrees)

"""Colours of evidence maps, the same in the window and on paper, and none that a PET source is shown in."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_refusion.numerics.colour_maps import colour_table

BELOW: Final = (0.35, 0.7, 1.0)
"""Light blue, RGB in [0, 1]: the lower end of a signed map."""

ABOVE: Final = (1.0, 0.7, 0.2)
"""Light orange, RGB in [0, 1]: the upper end of a signed map; both are told apart in all forms of colour blindness."""


def evidence_colours(*, is_signed: bool) -> NDArray[np.float32]:
    """Return the colours of a map from the lowest value to the highest, (n, 3) in [0, 1].

    Of a signed map n is 255, so that 0 has a colour of its own, black, between `BELOW` and `ABOVE`. Others run from
    black over red and yellow to white, see `numerics.colour_maps.colour_table`.
    """
    if not is_signed:
        return colour_table("hot")
    strength = np.linspace(-1, 1, 255, dtype=np.float32)[:, None]
    below, above = np.array(BELOW, np.float32), np.array(ABOVE, np.float32)
    return np.where(strength < 0, -strength * below, strength * above)

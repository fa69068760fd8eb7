"""Figures of merit of a fused image against its sources, all on 8-bit grey levels (0 to 255).

They follow the definitions that the field's tables are computed with (the evaluator of CDDFuse, Zhao et al., CVPR 2023,
DOI 10.1109/CVPR52729.2023.00572), so that they can be compared. None of them says whether a finding survived the
fusion; a plain pixelwise maximum scores well on most.
"""

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float64]
"""(H, W), grey levels 0 to 255."""

import numpy as np
import pytest
from scipy.special import erf


def test_gelu_by_a_polynomial_is_exact_to_float32() -> None:
    """``x (1 + erf(x / sqrt 2)) / 2``, of which float32 resolves 1e-7 of the larger of 1 and x."""
    pytest.importorskip("numba")
    from napari_refusion.engine.depthwise import _GELU, _REACH

    x = np.linspace(-50, 50, 20_001)
    near = np.clip(x, -_REACH, _REACH)
    found = x * (0.5 + near * np.polyval([float(one) for one in _GELU], 2 * (near / _REACH) ** 2 - 1))
    expected = x * (1 + erf(x / np.sqrt(2))) / 2
    assert np.abs((found - expected) / np.maximum(1, np.abs(x))).max() <= 2e-7

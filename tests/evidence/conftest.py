"""Limits for examinations that tests make up."""

import pytest

from napari_refusion.evidence.limits import Limits
from tests.evidence.six_slices import made_limits


@pytest.fixture
def limits() -> Limits:
    return made_limits()

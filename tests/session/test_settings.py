"""What is chosen for a fusion as a whole."""

import pytest

from napari_refusion.session.settings import FuseSettings
from napari_refusion.volume.finding import RefusedError


@pytest.mark.parametrize(
    ("choice", "known"),
    [
        ({"task": "medicl"}, "medical, infrared_visible"),
        ({"axis": "across"}, "axial, coronal, sagittal"),
        ({"palette": "red"}, "hot_metal_blue, hot_iron"),
        ({"engine": "magic"}, "refusion, average"),
        ({"reference": "a"}, "first, second"),
    ],
)
def test_a_name_that_no_table_has_is_refused_with_the_known_ones(choice: dict[str, str], known: str) -> None:
    with pytest.raises(RefusedError, match=known):
        FuseSettings(**choice)

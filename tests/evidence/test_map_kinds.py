"""The table of evidence maps."""

from napari_refusion.evidence.map_kinds import KINDS
from tests.evidence.known_networks import NAMES


def test_every_kind_says_what_it_sees_and_misses() -> None:
    assert list(KINDS) == NAMES
    for name, kind in KINDS.items():
        assert kind.name == name
        assert kind.sees.endswith(".")
        assert "shifted or mirrored" in kind.misses
        assert kind.limits[0] < kind.limits[1]
        assert not kind.is_signed or kind.limits[0] == -kind.limits[1]

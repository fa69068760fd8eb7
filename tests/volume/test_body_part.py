"""Body Part Examined as hospitals write it."""

import pytest

from napari_refusion.volume.body_part import is_head, preset_of


@pytest.mark.parametrize(
    ("part", "preset"),
    [
        ("HEAD", "brain"),
        ("Brain ", "brain"),
        ("SKULL", "brain"),
        ("WHOLEBODY", "soft"),
        ("WHOLE BODY", "soft"),
        ("EXTREMITY", "soft"),
        ("CHESTABDPELVIS", "soft"),
        ("HEADNECK", "soft"),
        ("L_SPINE", "soft"),
        ("HEART", "soft"),
        ("LUNG", "lung"),
        ("IAC", "bone"),
        ("PARANASAL SINUS", "bone"),
        ("", ""),
        ("OTHER", ""),
        ("PHANTOM", ""),
    ],
)
def test_a_body_part_has_the_window_that_it_is_read_in(part: str, preset: str) -> None:
    assert preset_of(part) == preset


@pytest.mark.parametrize(
    ("part", "head"), [("HEAD", True), ("brain", True), ("HEADNECK", False), ("CHEST", False), ("", False)]
)
def test_the_head_alone_is_the_head(part: str, head: bool) -> None:
    assert is_head(part) is head

"""Slices of versions that gave the network nothing beyond the edges: which of them still are what is fused now."""

from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.fusion.border import BORDER, MIRRORED
from napari_refusion.fusion.earlier_slices import without_outdated
from napari_refusion.fusion.engines import start_engine
from napari_refusion.fusion.partial import FinishedSlices, PartialFusion, engines_of, new_partial
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume

NOW = f"PyTorch 2.13.0, {MIRRORED}"


@pytest.fixture
def partial() -> PartialFusion:
    """Five slices with a body in the middle; that of slices 1 and 3 is one pixel wider than may be without a border."""
    data = np.zeros((5, 32, 32), np.float32)
    data[:, BORDER:-BORDER, BORDER:-BORDER] = 50
    data[1, BORDER - 1, 15] = data[3, 15, -BORDER] = 50
    first, second = (Volume(data, np.eye(4), modality=one, name=one) for one in ("CT", "MR"))
    return new_partial(pair(first, second, windows=(Window(0.0, 100.0),) * 2), "axial")


def earlier(partial: PartialFusion, *made_with: str) -> FinishedSlices:
    """Return all slices but the first one as an earlier version left them."""
    done = np.array([False, True, True, True, True])
    windows = partial.study.windows
    fused = np.full_like(partial.fused, 0.75)
    return FinishedSlices(fused, done, "axial", partial.study.grid.affine, windows, "", made_with)


@pytest.mark.parametrize("made_with", [(), ("PyTorch 2.12.0",), ("Numba 0.60.0", NOW)])
def test_only_slices_that_reach_their_edges_are_outdated(partial: PartialFusion, made_with: tuple[str, ...]) -> None:
    current = without_outdated(earlier(partial, *made_with), partial, NOW)
    assert np.flatnonzero(current.done).tolist() == [2, 4]
    assert len(current.made_with) == len(made_with)
    current.put_into(partial)
    assert np.flatnonzero(partial.fused.any(axis=(1, 2))).tolist() == [2, 4]
    # saved again, they are known for what they are
    again = replace(current, made_with=(*current.made_with, NOW))
    assert without_outdated(again, partial, NOW) is again


def test_slices_of_this_version_and_of_rules_without_a_border_are_taken_as_they_are(partial: PartialFusion) -> None:
    of_now, of_rule = earlier(partial, NOW, f"compiled code, Numba 0.65.0, {MIRRORED}"), earlier(partial, "NumPy 2.3.0")
    assert without_outdated(of_now, partial, NOW) is of_now
    assert without_outdated(of_rule, partial, "NumPy 2.4.0") is of_rule


def test_the_network_says_that_it_mirrors_and_rules_do_not() -> None:
    assert MIRRORED in start_engine(device="cpu-pytorch").made_with((64, 64))
    assert MIRRORED not in start_engine(engine="maximum").made_with((64, 64))


def test_the_words_of_a_record_give_back_what_computed_the_slices(partial: PartialFusion) -> None:
    assert engines_of(partial.engines) == ()
    partial.made_with.update(("PyTorch 2.12.0", NOW))
    assert engines_of(partial.engines) == ("PyTorch 2.12.0", NOW)

"""What cannot be a fused slice is refused with the weights and the slice, before it is shown or written."""

import numpy as np
import pytest
import torch

from napari_refusion.fusion.answer import check_answer
from napari_refusion.fusion.filling import missing_slices
from napari_refusion.fusion.partial import new_partial
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.model.fusion_net import FusionNet
from napari_refusion.model.weights import Weights
from napari_refusion.numerics.intensity import Window
from napari_refusion.study.pairing import pair
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume

RAMP = np.linspace(0, 1, 20, dtype=np.float32).reshape(4, 5)
ZERO = np.zeros((4, 5), np.float32)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (np.where(RAMP > 0.97, np.nan, RAMP), "1 of 20 values of axial slice 3 are not finite"),
        (np.where(RAMP > 0.97, np.inf, RAMP), "not finite"),
        (RAMP * 1.5, "values from 0 to 1.5, outside 0 to 1"),
        (RAMP - 0.5, "values from -0.5 to 0.5, outside 0 to 1"),
        (ZERO + 0.5, "is 0.5 everywhere, while the sources vary by 1.00"),
    ],
)
def test_an_answer_that_is_no_slice_is_refused_by_name(answer: np.ndarray, words: str) -> None:
    with pytest.raises(RefusedError, match="Choose other weights than medical") as refused:
        check_answer(answer, RAMP, ZERO, "medical", "axial slice 3")
    assert words in str(refused.value)


@pytest.mark.parametrize("answer", [RAMP, RAMP * 0.01 + 0.5, 1 - RAMP])
def test_any_picture_passes(answer: np.ndarray) -> None:
    check_answer(answer, RAMP, ZERO, "medical", "axial slice 3")


def test_sources_that_show_nothing_may_fuse_to_nothing() -> None:
    check_answer(ZERO + 0.5, ZERO + 0.4, ZERO, "medical", "axial slice 3")


@pytest.mark.parametrize("factor", [1e30, 0.0])
def test_finite_weights_that_cannot_fuse_are_found_at_the_first_slice(mri: Volume, pet: Volume, factor: float) -> None:
    network = FusionNet()
    state = {name: tensor * factor for name, tensor in network.state_dict().items()}
    network.load_state_dict(state)
    engine = TorchEngine(network.eval(), Weights(state=state, name="broken"), torch.device("cpu"))
    study = pair(pet, mri, windows=(Window(0, 10), Window(0, 910)))
    with pytest.raises(RefusedError, match=r"Choose other weights than broken.*axial slice 1"):
        list(missing_slices(new_partial(study, "axial"), engine))

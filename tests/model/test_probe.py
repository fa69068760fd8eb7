"""The image that every network answers when its file is saved and loaded."""

import math

import pytest
import torch
from torch import nn

from napari_refusion.model.probe import LARGEST, SIDE, answer_of, farthest, probe_image
from napari_refusion.model.tasks import COMPANIONS, installed_weights
from napari_refusion.model.weights_files import load_weights


class Scaled(nn.Module):
    """Multiplies the first source."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.inner = nn.Conv2d(1, 1, 1, bias=False)
        nn.init.constant_(self.inner.weight, factor)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.inner(images[:, :1]).clamp(0, 1)


def test_the_image_is_what_its_formula_says() -> None:
    image = probe_image()
    assert image.shape == (1, 2, SIDE, SIDE)
    assert 0 <= float(image.min()) <= float(image.max()) <= 1
    assert float(image[0, 0, 3, 5]) == pytest.approx(0.5 + 0.4 * math.sin(1) * math.cos(1))
    assert [float(image[0, 1, 16, column]) for column in (0, 7, 8, 24, 25)] == pytest.approx([0.1, 0.1, 0.9, 0.9, 0.1])


def test_the_answer_is_every_fourth_pixel_of_the_output() -> None:
    answer = answer_of(Scaled(1.0))
    assert len(answer) == (SIDE // 4) ** 2
    assert answer[0] == 0.5
    assert answer[1] == pytest.approx(0.5)  # the sine of row 0 is 0
    assert answer[8] == pytest.approx(0.5 + 0.4 * math.sin(4 / 3), abs=1e-6)


def test_a_layer_that_overflows_is_named_although_the_output_is_bounded() -> None:
    with pytest.raises(ValueError, match="inner reaches"):
        answer_of(Scaled(2 * LARGEST))
    with pytest.raises(ValueError, match="inner reaches nan"):
        answer_of(Scaled(float("nan")))


def test_answers_of_two_lengths_are_infinitely_far_from_each_other() -> None:
    assert farthest((0.1, 0.5), (0.1, 0.4)) == pytest.approx(0.1)
    assert farthest((0.1,), (0.1, 0.4)) == math.inf
    assert farthest((0.1, 0.1), (0.1, float("nan"))) == math.inf


@pytest.mark.parametrize("network", ["fusion", *COMPANIONS])
def test_all_installed_weights_answer_as_when_they_were_saved(network: str) -> None:
    files = installed_weights(network)
    assert files
    for path in files.values():
        assert load_weights(path).network == network
        assert b'"answer"' in path.read_bytes()[:20_000]

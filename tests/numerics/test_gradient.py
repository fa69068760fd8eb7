import pytest
import torch

from napari_refusion.numerics.gradient import sobel_magnitude


def test_a_ramp_of_one_per_pixel_has_magnitude_eight() -> None:
    ramp = torch.arange(7.0).expand(7, 7)[None, None]
    assert torch.all(sobel_magnitude(ramp)[..., 1:-1, 1:-1] == 8.0)
    assert torch.all(sobel_magnitude(ramp.mT)[..., 1:-1, 1:-1] == 8.0)


def test_a_diagonal_ramp_adds_both_components() -> None:
    rows, columns = torch.meshgrid(torch.arange(6.0), torch.arange(6.0), indexing="ij")
    plane = (2 * rows - 3 * columns)[None, None]
    assert torch.all(sobel_magnitude(plane)[..., 1:-1, 1:-1] == 8 * (2 + 3))


def test_a_flat_image_has_a_gradient_at_its_border_only_because_outside_is_zero() -> None:
    magnitude = sobel_magnitude(torch.ones(1, 1, 5, 5))
    assert torch.all(magnitude[..., 1:-1, 1:-1] == 0)
    assert torch.all(magnitude[..., 0, 1:-1] == 4)
    assert torch.all(magnitude[..., 0, 0] == 6)


def test_channels_do_not_mix() -> None:
    images = torch.zeros(1, 2, 5, 5)
    images[0, 1] = torch.rand(5, 5)
    magnitude = sobel_magnitude(images)
    assert torch.all(magnitude[:, 0] == 0)
    assert magnitude[:, 1].max() > 0


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_the_precision_of_the_input_is_kept(kind: torch.dtype) -> None:
    assert sobel_magnitude(torch.rand(1, 2, 4, 4, dtype=kind)).dtype == kind

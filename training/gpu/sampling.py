"""Random crops of all pairs of a task, cut by index on the device that the pixels lie on."""

import torch
from torch import Tensor

from training.gpu.pairs import GRID, Pairs

SHIFTED, SHIFT = 0.15, 2
"""How often the second source is misplaced, and by how many pixels at most."""


def crops(pairs: Pairs, count: int, side: int) -> tuple[Tensor, Tensor]:
    """Return random crops, (count, 2, side, side) in [0, 1], and whether each has a functional first source, (count,).

    Kinds are drawn as often as they shall be, pairs of a kind equally often. Crops are turned and mirrored, and in some
    the second source is misplaced; windows are drawn for each. Beyond an image that is smaller everything is black.
    """
    device = pairs.pixels.device

    def below(limit: Tensor) -> Tensor:
        return (torch.rand(count, device=device) * limit).long()

    kind = torch.searchsorted(pairs.often, torch.rand(count, device=device)).clamp_max(len(pairs.often) - 1)
    first, number = pairs.kinds[kind].unbind(1)
    chosen = first + below(number)
    begin_a, begin_b, height, width = pairs.images[chosen].unbind(1)
    first, number = pairs.centred[chosen].unbind(1)
    jitter = torch.randint(0, GRID, (2, count), device=device)
    centre = pairs.centres[first + below(number)].T + jitter
    rows, columns = _turned(side, count, device)
    rows = rows + _corner(centre[0], height, side).view(-1, 1, 1)
    columns = columns + _corner(centre[1], width, side).view(-1, 1, 1)
    moved = torch.randint(-SHIFT, SHIFT + 1, (2, count, 1, 1), device=device)
    moved = moved * (torch.rand(count, 1, 1, device=device) < SHIFTED)
    size = height.view(-1, 1, 1), width.view(-1, 1, 1)
    a = _cut(pairs.pixels, begin_a, rows, columns, size)
    b = _cut(pairs.pixels, begin_b, rows + moved[0], columns + moved[1], size)
    return _windowed(torch.stack([a, b], dim=1), pairs.codes[chosen], pairs.windows[chosen]), pairs.functional[chosen]


def _corner(centre: Tensor, size: Tensor, side: int) -> Tensor:
    """Return where a crop begins so that it lies inside, (B,); in the middle if the image is smaller."""
    inside = torch.minimum((centre - side // 2).clamp_min(0), (size - side).clamp_min(0))
    return torch.where(size < side, (size - side) // 2, inside)


def _turned(side: int, count: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return rows and columns of crops turned by right angles and mirrored, (count, side, side) each."""
    flip_row, flip_column, turn = torch.rand(3, count, 1, 1, device=device) < 0.5
    along = torch.arange(side, device=device)
    rows, columns = along.view(1, -1, 1), along.view(1, 1, -1)
    rows, columns = torch.where(turn, columns, rows), torch.where(turn, rows, columns)
    return torch.where(flip_row, side - 1 - rows, rows), torch.where(flip_column, side - 1 - columns, columns)


def _cut(pixels: Tensor, begin: Tensor, rows: Tensor, columns: Tensor, size: tuple[Tensor, Tensor]) -> Tensor:
    """Return the codes at rows and columns of images that begin at places, (B, H, W) in [0, 1]; -1 beyond them."""
    height, width = size
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    place = (
        begin.view(-1, 1, 1) + rows.clamp_min(0).minimum(height - 1) * width + columns.clamp_min(0).minimum(width - 1)
    )
    return torch.where(inside, pixels[place].float() / 255, -1.0)


def _windowed(cut: Tensor, codes: Tensor, windows: Tensor) -> Tensor:
    """Return the codes (B, 2, H, W) as brightness in windows that are drawn for each, in [0, 1]."""
    low, high, root = codes[..., None, None].unbind(2)
    values = low + (high - low) * torch.where(root > 0, cut.square(), cut)
    drawn = torch.rand(2, *windows.shape[:2], 1, 1, device=cut.device)
    darkest_low, darkest_high, brightest_low, brightest_high = windows[..., None, None].unbind(2)
    black = darkest_low + (darkest_high - darkest_low) * drawn[0]
    white = brightest_low + (brightest_high - brightest_low) * drawn[1]
    shown = ((values - black) / (white - black)).clamp(0.0, 1.0)
    return torch.where(cut < 0, torch.zeros_like(shown), shown)

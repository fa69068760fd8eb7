"""Random crops of all pairs of a task, cut by index on the device that the pixels lie on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from training.gpu.kinds import Kind, Side
from training.pack.reading import PackedSet

GRID = 8
"""Pixels between the places that crops may be centred on; those where a source shows something are taken."""

SHIFTED, SHIFT = 0.15, 2
"""How often the second source is misplaced, and by how many pixels at most."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs of a task on one device."""

    pixels: Tensor
    """(total,) uint8, images of all channels one after another."""
    images: Tensor
    """(M, 4) int64: where the first and the second source begin in `pixels`, height, width."""
    codes: Tensor
    """(M, 2, 3): low, high and root of the codes of both sources."""
    windows: Tensor
    """(M, 2, 4): smallest and largest low, smallest and largest high of both sources' windows."""
    functional: Tensor
    """(M,) whether the first source shows uptake."""
    centres: Tensor
    """(K, 2) int64, rows and columns that crops may be centred on."""
    centred: Tensor
    """(M, 2) int64: first centre of an image, and how many it has."""
    kinds: Tensor
    """(G, 2) int64: first image of each kind, and how many it has."""
    often: Tensor
    """(G,) cumulative share of the kinds, rising to 1."""


def gathered(packed: Mapping[str, PackedSet], kinds: Sequence[Kind], device: torch.device) -> Pairs:
    """Return all training pairs of some kinds on a device.

    Raises
    ------
    ValueError
        Naming a set or channel that the pack lacks.
    """
    sets = {kind.packed: _found(packed, kind.packed) for kind in kinds}
    begins, total = {}, 0
    for name, one in sets.items():
        begins[name] = total
        total += one.pixels.numel()
    images, codes, windows, functional, centres, centred, groups = [], [], [], [], [], [], []
    for kind in kinds:
        one = sets[kind.packed]
        sides = (kind.first, kind.second)
        channels = [_channel(one, side, kind) for side in sides]
        starts = [begins[kind.packed] + channel * one.pixels.shape[1] + one.offsets for channel in channels]
        count = len(one.offsets)
        groups.append((sum(map(len, images)), count))
        images.append(torch.stack([*starts, one.heights, one.widths], dim=1))
        code = torch.tensor([[one.channels[at].low, one.channels[at].high, one.channels[at].root] for at in channels])
        codes.append(code.float().expand(count, 2, 3))
        windows.append(torch.tensor([[*side.low, *side.high] for side in sides]).expand(count, 2, 4))
        functional.append(torch.full((count,), kind.functional))
        for number in range(count):
            places = _foreground(one, number, channels)
            centred.append((sum(map(len, centres)), len(places)))
            centres.append(places)
    often = torch.tensor([kind.often for kind in kinds])
    on_device = [
        torch.cat([one.pixels.flatten() for one in sets.values()]),
        *(torch.cat(parts) for parts in (images, codes, windows, functional, centres)),
        torch.tensor(centred),
        torch.tensor(groups),
        (often / often.sum()).cumsum(0),
    ]
    return Pairs(*(tensor.to(device) for tensor in on_device))


def _found(packed: Mapping[str, PackedSet], name: str) -> PackedSet:
    if f"{name}:train" not in packed:
        raise ValueError(f"the pack has no training set {name!r}: write it again with the task that needs it.")
    return packed[f"{name}:train"]


def _channel(one: PackedSet, side: Side, kind: Kind) -> int:
    names = [channel.name for channel in one.channels]
    if side.channel not in names:
        raise ValueError(f"the packed set {kind.packed!r} has no channel {side.channel!r}, only {', '.join(names)}.")
    return names.index(side.channel)


def _foreground(one: PackedSet, number: int, channels: Sequence[int]) -> Tensor:
    """Return the places of a coarse grid where one of the channels is not black, (K, 2) rows and columns."""
    height, width, begin = (int(part[number]) for part in (one.heights, one.widths, one.offsets))
    image = one.pixels[list(channels), begin : begin + height * width].view(-1, height, width)
    places = (image[:, ::GRID, ::GRID].amax(dim=0) > 12).nonzero() * GRID
    return places if len(places) else torch.tensor([[height // 2, width // 2]])


def crops(pairs: Pairs, count: int, side: int) -> tuple[Tensor, Tensor]:
    """Return random crops, (count, 2, side, side) in [0, 1], and which of them have a functional first source, (count,).

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

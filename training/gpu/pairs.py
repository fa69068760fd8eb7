"""All pairs of a task on one device: their pixels, and where each lies among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from training.gpu.kinds import Kind, Side
from training.pack.reading import PackedSet

GRID = 8
"""Pixels between the places that crops may be centred on; those where a source shows something are taken."""

DARK = 12
"""Largest code of a pixel that counts as black."""


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
    begins = dict(zip(sets, _begins([one.pixels.numel() for one in sets.values()]).tolist(), strict=True))
    of_kinds = [_of_kind(sets[kind.packed], kind, begins[kind.packed]) for kind in kinds]
    images, codes, windows, functional, centres = (
        [part for of_kind in of_kinds for part in of_kind[at]] for at in range(5)
    )
    often = torch.tensor([kind.often for kind in kinds])
    on_device = [
        torch.cat([one.pixels.flatten() for one in sets.values()]),
        *(torch.stack(parts) for parts in (images, codes, windows, functional)),
        torch.cat(centres),
        _runs([len(places) for places in centres]),
        _runs([len(of_kind[0]) for of_kind in of_kinds]),
        (often / often.sum()).cumsum(0),
    ]
    return Pairs(*(tensor.to(device) for tensor in on_device))


def _begins(lengths: Sequence[int]) -> Tensor:
    """Return where each part begins if parts of these lengths follow one another, (N,) int64."""
    return torch.tensor([0, *lengths])[:-1].cumsum(0)


def _runs(lengths: Sequence[int]) -> Tensor:
    """Return where each part begins, and how long it is, (N, 2) int64."""
    return torch.stack([_begins(lengths), torch.tensor(lengths)], dim=1)


def _of_kind(one: PackedSet, kind: Kind, begin: int) -> tuple[Sequence[Tensor], ...]:
    """Return `images`, `codes`, `windows`, `functional` and centres of every pair of a kind, see `Pairs`.

    Parameters
    ----------
    begin
        Where the pixels of the set begin among those of all sets.
    """
    sides = (kind.first, kind.second)
    channels = [_channel(one, side, kind) for side in sides]
    count, length = len(one.offsets), one.pixels.shape[1]
    starts = [begin + channel * length + one.offsets for channel in channels]
    code = torch.tensor(
        [[one.channels[at].low, one.channels[at].high, one.channels[at].root] for at in channels]
    ).float()
    window = torch.tensor([[*side.low, *side.high] for side in sides])
    return (
        torch.stack([*starts, one.heights, one.widths], dim=1).unbind(),
        [code] * count,
        [window] * count,
        [torch.tensor(kind.functional)] * count,
        [_foreground(one, number, channels) for number in range(count)],
    )


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
    image = one.image(number)[list(channels)]
    places = (image[:, ::GRID, ::GRID].amax(dim=0) > DARK).nonzero() * GRID
    return places if len(places) else torch.tensor([[image.shape[1] // 2, image.shape[2] // 2]])

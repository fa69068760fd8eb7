"""What a run is judged by every minute: whole pictures of held-out patients and scenes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from training.gpu.kinds import Kind, Side
from training.pack.reading import PackedSet
from training.picture import exposure, sanity, similarity

HIDDEN = 0.2
"""A lesion of which less is shown counts as hidden."""

AMPLITUDE, SIGMA, APART = 0.3, 4.0, 40
"""Height, standard deviation and distance in pixels of the lesions that are planted."""

FAINT = 0.1
"""Height of faint lesions, which a fusion can drop although it shows all that is higher."""

LESION_TASKS = ("medical", "infrared_visible")
"""Tasks whose pictures must show what is planted in either source."""

FOREGROUND = 0.02
"""Brightness above which a pixel of the brighter source counts as foreground."""

BLOWN = 250 / 255
"""Brightness from which a pixel counts as blown."""

Fuse = Callable[[Tensor], Tensor]
"""(1, 2, H, W) sources in [0, 1] -> (1, 1, H, W) fused."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Held-out pairs of one kind, each (1, 2, H, W) in [0, 1] in a middle window."""

    kind: str
    pairs: tuple[Tensor, ...]


def held_out(packed: Mapping[str, PackedSet], kinds: Sequence[Kind], each: int, device: torch.device) -> list[HeldOut]:
    """Return up to `each` pairs of every kind that has a validation set, evenly spread over it."""
    found = []
    for kind in kinds:
        one = packed.get(f"{kind.packed}:validation")
        if one is None or not len(one.offsets):
            continue
        count = len(one.offsets)
        chosen = torch.linspace(0, count - 1, min(each, count) + 2).round().long()[1:-1].unique().tolist()
        sides = (kind.first, kind.second)
        pairs = [torch.stack([_shown(one, side, number) for side in sides])[None].to(device) for number in chosen]
        found.append(HeldOut(kind.name, tuple(pairs)))
    return found


def _shown(one: PackedSet, side: Side, number: int) -> Tensor:
    """Return one image in the middle of the windows that are drawn in training, (H, W) in [0, 1]."""
    at = [channel.name for channel in one.channels].index(side.channel)
    values = one.channels[at].values(one.image(number)[at])
    low, high = sum(side.low) / 2, sum(side.high) / 2
    return ((values - low) / (high - low)).clamp(0.0, 1.0)


@torch.no_grad()
def figures_of(fuse: Fuse, one: HeldOut, task: str) -> dict[str, float]:
    """Return the mean figures over held-out pairs of one kind.

    ``qabf``, ``vif`` and ``ssim`` (summed over both sources), ``above``: share of pixels more than .05 above both
    sources, ``same``: mean absolute difference of F(a, a) to a, ``range``: how far the range of the sources is left.
    Medical and infrared: ``A+``, ``A-``, ``B+``, ``B-``: part of planted lesions that is shown, bright and dark in
    either source, ``hidden``: share of all that are hidden, and ``faint``: the same of faint ones. Exposures: ``mef``:
    MEF-SSIM, ``clipped``: detail lost where the other exposure is clipped, ``blown``: share of pixels at 250 of 255
    grey levels or above.
    """
    fused = [fuse(pair) for pair in one.pairs]
    rows = [_of_picture(fuse, pair, image, task) for pair, image in zip(one.pairs, fused, strict=True)]
    figures = {name: sum(float(row[name]) for row in rows) / len(rows) for name in rows[0]}
    if task not in LESION_TASKS:
        return figures
    for height, word in ((AMPLITUDE, "hidden"), (FAINT, "faint")):
        planted = [shown_lesions(fuse, pair, image, height) for pair, image in zip(one.pairs, fused, strict=True)]
        shares = {name: torch.cat([found[name] for found in planted]) for name in planted[0]}
        if height == AMPLITUDE:
            figures |= {name: float(part.mean()) for name, part in shares.items() if len(part)}
        every = torch.cat(list(shares.values()))
        figures |= {word: float((every < HIDDEN).float().mean())} if len(every) else {}
    return figures


def _of_picture(fuse: Fuse, pair: Tensor, fused: Tensor, task: str) -> dict[str, Tensor]:
    """Return the figures of one pair and its fused image that need no lesions, scalars."""
    brighter = pair.amax(dim=1, keepdim=True)
    foreground = brighter > FOREGROUND
    alone = pair[:, :1]
    figures = {
        "qabf": similarity.qabf(pair, fused).mean(),
        "vif": similarity.vif(pair, fused).mean(),
        "ssim": similarity.ssim(pair, fused).mean(),
        "above": (fused > brighter + 0.05)[foreground].float().mean(),
        "same": (fuse(alone.expand(-1, 2, -1, -1)) - alone).abs()[foreground].mean(),
        "range": sanity.out_of_range(fused, pair),
    }
    if task == "multi_exposure":
        figures["mef"] = exposure.mef_ssim(pair, fused).mean()
        figures["clipped"] = exposure.clipped_detail(pair, fused)
        figures["blown"] = (fused >= BLOWN).float().mean()
    return figures


def shown_lesions(fuse: Fuse, pair: Tensor, fused: Tensor, height: float) -> dict[str, Tensor]:
    """Return the shown parts of lesions of one height planted on two grids, (N,) each, by source and sign (``A+``)."""
    found = {}
    for source, letter in enumerate("AB"):
        for sign, mark in ((1, "+"), (-1, "-")):
            image = pair[0, source]
            room = (image <= 1 - height) if sign > 0 else (image >= height)
            usable = (pair[0].amax(dim=0) > 0.1) & room
            shares = [pair.new_empty(0)]
            for begin in (16, 36):
                at = _on_grid(usable, begin)
                if len(at):
                    planted = pair.clone()
                    planted[0, source] = (image + sign * height * _spots(at, image.shape)).clamp(0.0, 1.0)
                    change = (fuse(planted) - fused)[0, 0] / (planted - pair)[0, source]
                    shares.append(change[at[:, 0], at[:, 1]])
            found[letter + mark] = torch.cat(shares).cpu()
    return found


def _on_grid(usable: Tensor, begin: int) -> Tensor:
    """Return the usable places of a grid, (N, 2) rows and columns."""
    height, width = usable.shape
    places = torch.zeros_like(usable)
    places[begin : height - 6 : APART, begin : width - 6 : APART] = True
    return (places & usable).nonzero()


def _spots(at: Tensor, shape: torch.Size) -> Tensor:
    """Return Gaussian spots of height 1 at places (N, 2), (H, W)."""
    rows, columns = (torch.arange(length, device=at.device)[None] for length in shape)
    down = torch.exp(-(rows - at[:, :1]).square() / (2 * SIGMA**2))
    across = torch.exp(-(columns - at[:, 1:]).square() / (2 * SIGMA**2))
    return down.T @ across

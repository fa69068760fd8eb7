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
        chosen = torch.linspace(0, len(one.offsets) - 1, min(each, len(one.offsets)) + 2).round().long()[1:-1].unique()
        pairs = [
            torch.stack([_shown(one, side, int(number)) for side in (kind.first, kind.second)])[None].to(device)
            for number in chosen
        ]
        found.append(HeldOut(kind.name, tuple(pairs)))
    return found


def _shown(one: PackedSet, side: Side, number: int) -> Tensor:
    """Return one image in the middle of the windows that are drawn in training, (H, W) in [0, 1]."""
    at = [channel.name for channel in one.channels].index(side.channel)
    channel = one.channels[at]
    begin, height, width = (int(part[number]) for part in (one.offsets, one.heights, one.widths))
    codes = one.pixels[at, begin : begin + height * width].view(height, width).float() / 255
    values = channel.low + (channel.high - channel.low) * (codes.square() if channel.root else codes)
    low, high = sum(side.low) / 2, sum(side.high) / 2
    return ((values - low) / (high - low)).clamp(0.0, 1.0)


@torch.no_grad()
def figures_of(fuse: Fuse, one: HeldOut, task: str) -> dict[str, float]:
    """Return the mean figures over held-out pairs of one kind.

    ``qabf``, ``vif`` and ``ssim`` (summed over both sources), ``above``: share of pixels more than .05 above both
    sources, ``same``: mean absolute difference of F(a, a) to a. Medical: ``A+``, ``A-``, ``B+``, ``B-``: part of
    planted lesions that is shown, bright and dark in either source, and ``hidden``: share of all that are hidden.
    Exposures: ``mef``: MEF-SSIM, ``clipped``: detail lost where the other exposure is clipped, ``blown``.
    """
    rows: list[dict[str, float]] = []
    shown: dict[str, list[Tensor]] = {"A+": [], "A-": [], "B+": [], "B-": []}
    for pair in one.pairs:
        fused = fuse(pair)
        foreground = pair.amax(dim=1, keepdim=True) > 0.02
        row = {
            "qabf": similarity.qabf(pair, fused).mean(),
            "vif": similarity.vif(pair, fused).mean(),
            "ssim": similarity.ssim(pair, fused).mean(),
            "above": (fused > pair.amax(dim=1, keepdim=True) + 0.05)[foreground].float().mean(),
            "same": (fuse(pair[:, :1].expand(-1, 2, -1, -1)) - pair[:, :1]).abs()[foreground].mean(),
            "range": sanity.out_of_range(fused, pair),
        }
        if task == "multi_exposure":
            row["mef"] = exposure.mef_ssim(pair, fused).mean()
            row["clipped"] = exposure.clipped_detail(pair, fused)
            row["blown"] = (fused >= 250 / 255).float().mean()
        if task in ("medical", "infrared_visible"):
            for name, share in _lesions(fuse, pair, fused).items():
                shown[name].append(share)
        rows.append({name: float(value) for name, value in row.items()})
    figures = {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}
    every = {name: torch.cat(parts) for name, parts in shown.items() if parts}
    figures |= {name: float(shares.mean()) for name, shares in every.items() if len(shares)}
    together = torch.cat(list(every.values())) if every else torch.empty(0)
    return figures | ({"hidden": float((together < HIDDEN).float().mean())} if len(together) else {})


def _lesions(fuse: Fuse, pair: Tensor, fused: Tensor) -> dict[str, Tensor]:
    """Return the shown parts of lesions planted on a grid, by source and sign."""
    _, _, height, width = pair.shape
    rows, columns = torch.arange(height, device=pair.device), torch.arange(width, device=pair.device)
    found = {}
    for source, letter in enumerate("AB"):
        for sign, mark in ((1, "+"), (-1, "-")):
            image = pair[0, source]
            room = (image <= 1 - AMPLITUDE) if sign > 0 else (image >= AMPLITUDE)
            usable = (pair[0].amax(dim=0) > 0.1) & room
            shares = []
            for begin in (16, 36):
                places = torch.zeros_like(usable)
                places[begin : height - 6 : APART, begin : width - 6 : APART] = True
                at = (places & usable).nonzero()
                if not len(at):
                    continue
                down = torch.exp(-(rows[None] - at[:, :1]).square() / (2 * SIGMA**2))
                across = torch.exp(-(columns[None] - at[:, 1:]).square() / (2 * SIGMA**2))
                planted = pair.clone()
                planted[0, source] = (image + sign * AMPLITUDE * (down.T @ across)).clamp(0.0, 1.0)
                change = (fuse(planted) - fused)[0, 0] / (planted - pair)[0, source]
                shares.append(change[at[:, 0], at[:, 1]])
            found[letter + mark] = torch.cat(shares).cpu() if shares else torch.empty(0)
    return found

"""Maps of one slice that show what its fusion did: from the networks R and P, by occlusion, and by plain comparison.

Nothing here compares places: no map sees a source that is shifted, turned or mirrored.
"""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from napari_refusion.evidence.examiner import Examiner, Slice

if TYPE_CHECKING:
    import torch

SATURATED: Final = 0.999
"""Of a windowed source: at the upper end of its window."""

FULL: Final = 0.98
"""Of a fused image: nearly at full brightness."""


def examine_slice(
    examiner: Examiner, a: Slice, b: Slice, fused: Slice, kinds: Collection[str] | None = None
) -> dict[str, Slice]:
    """Return the maps of one slice by their names, in the order of `KINDS`.

    Parameters
    ----------
    a, b
        (H, W) the windowed sources in [0, 1], finite.
    fused
        (H, W) what the examiner's engine makes of them.
    kinds
        Which maps are made, of those that the examiner can make; None for all of them.

    Returns
    -------
    dict
        Name -> (H, W) float32. All 0 for a slice in which both sources are 0 everywhere: no network ran on it.
    """
    wanted = tuple(name for name in examiner.kinds if kinds is None or name in kinds)
    if not a.any() and not b.any():
        return {name: np.zeros(a.shape, np.float32) for name in wanted}
    found: dict[str, Slice] = {}
    for names, make in _MAKERS.items():
        if any(name in wanted for name in names):
            found |= make(examiner, a, b, fused)
    return {name: found[name] for name in wanted}


def outside_both(a: Slice, b: Slice, fused: Slice) -> Slice:
    """Return by how much a fused image leaves the range of its sources: above it positive, below it negative, else 0.

    All the same shape, and so is the result.
    """
    above, below = fused - np.maximum(a, b), fused - np.minimum(a, b)
    return (np.maximum(above, 0) + np.minimum(below, 0)).astype(np.float32, copy=False)


def saturation(a: Slice, b: Slice, fused: Slice) -> Slice:
    """Return 1 where a fused image is saturated, 0.5 where only one of its sources is, else 0; all the same shape."""
    clipped = (a >= SATURATED) | (b >= SATURATED)
    return np.where(fused > FULL, 1.0, 0.5 * clipped).astype(np.float32)


def _residuals(examiner: Examiner, a: Slice, b: Slice, fused: Slice) -> dict[str, Slice]:
    """Return how far R's rebuilt sources are from the true ones."""
    if examiner.rebuild is None:
        return {}
    rebuilt = examiner.rebuild(fused)
    return {"residual_a": np.abs(rebuilt[0] - a), "residual_b": np.abs(rebuilt[1] - b)}


def _weights(examiner: Examiner, a: Slice, b: Slice, _fused: Slice) -> dict[str, Slice]:
    """Return P's weights of source a."""
    if examiner.proposal is None:
        return {}
    import torch

    with torch.inference_mode():
        proposal = examiner.proposal(_images(a, b, device=examiner.engine.device_name))
    intensity, gradient = (weights[0, 0].float().contiguous().cpu().numpy() for weights in proposal)
    return {"weight_a": intensity, "gradient_weight_a": gradient}


def _contribution_a(examiner: Examiner, a: Slice, b: Slice, fused: Slice) -> dict[str, Slice]:
    """Return by how much the fused image differs from the one without source a; an empty one need not be taken away."""
    return {"contribution_a": fused - examiner.engine.fuse(np.zeros_like(a), b) if a.any() else np.zeros_like(a)}


def _contribution_b(examiner: Examiner, a: Slice, b: Slice, fused: Slice) -> dict[str, Slice]:
    """Return by how much the fused image differs from the one without source b; an empty one need not be taken away."""
    return {"contribution_b": fused - examiner.engine.fuse(a, np.zeros_like(b)) if b.any() else np.zeros_like(b)}


def _overshoot(_examiner: Examiner, a: Slice, b: Slice, fused: Slice) -> dict[str, Slice]:
    return {"overshoot": outside_both(a, b, fused)}


def _saturation(_examiner: Examiner, a: Slice, b: Slice, fused: Slice) -> dict[str, Slice]:
    return {"saturation": saturation(a, b, fused)}


_MAKERS: Final[Mapping[tuple[str, ...], Callable[[Examiner, Slice, Slice, Slice], dict[str, Slice]]]] = (
    MappingProxyType(
        {
            ("residual_a", "residual_b"): _residuals,
            ("weight_a", "gradient_weight_a"): _weights,
            ("contribution_a",): _contribution_a,
            ("contribution_b",): _contribution_b,
            ("overshoot",): _overshoot,
            ("saturation",): _saturation,
        }
    )
)
"""Names of maps -> what makes them, those of one pass of a network together."""


def _images(*images: Slice, device: str) -> "torch.Tensor":
    """Return slices as one image of the network, (1, n, H, W)."""
    import torch

    return torch.from_numpy(np.stack(images)[None]).to(device)

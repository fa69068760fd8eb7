"""The refine loss of F: every thing that is asked of a fused picture, each with a factor of its own."""

from collections.abc import Callable

import torch
from torch import Tensor

from training.picture import exposure, focus, lesions, sanity, similarity
from training.picture.examples import Examples
from training.picture.shares import Shares

LEAST_SHOWN = 0.45
"""Part of its contrast of which nothing may be missing: at 0.2 a lesion counts as hidden."""

NOISE_GAIN = 0.7
"""Noise of the fused image over that of the sources that costs nothing."""


def picture_terms(fused: Tensor, given: Examples, shares: Shares) -> dict[str, Tensor]:
    """Return the terms of the loss by name, scalars, those with a factor other than 0; and ``shown``, which is none.

    Parameters
    ----------
    fused
        The fused `Examples.images`, (B', 1, H, W), float32.
    """
    of_sources, of_planted, of_noisy, of_alike, of_blurred = given.of_each(fused)
    terms = _terms_of_the_pair(of_sources, given.sources, shares)
    if shares.range:
        ranges = sanity.out_of_range(of_sources, given.sources)
        terms["range"] = (ranges + sanity.out_of_range(of_planted, given.planted)) / 2 if shares.lesion else ranges
    if shares.lesion:
        added, shown = (given.planted - given.sources).sum(dim=1, keepdim=True), of_planted - of_sources
        terms["lesion"] = lesions.lost_contrast(added, shown, shares.lesion_kept)
        if shares.hidden:
            terms["hidden"] = lesions.nearly_hidden(added, shown, LEAST_SHOWN)
        terms["shown"] = lesions.shown_share(added, shown).detach()
    if shares.noise:
        quarter = len(given.noise)
        flat = sanity.flat_places(given.sources[:quarter])
        terms["noise"] = sanity.noise_passed(of_noisy - of_sources[:quarter], given.noise, flat, NOISE_GAIN)
    if shares.identity:
        terms["identity"] = (of_alike - given.alike.amax(dim=1, keepdim=True)).abs().mean()
    if shares.refocused:
        structure = 1 - similarity.ssim(given.sharp, of_blurred).mean()
        terms["refocused"] = (of_blurred - given.sharp).abs().mean() + structure
    return terms


def _terms_of_the_pair(fused: Tensor, sources: Tensor, shares: Shares) -> dict[str, Tensor]:
    """Return the terms that look at the fused image of the sources alone."""
    measures: dict[str, Callable[[], Tensor]] = {
        "qabf": lambda: 1 - similarity.qabf(sources, fused).mean(),
        "ssim": lambda: 2 - similarity.ssim(sources, fused).mean(),
        "vif": lambda: 2 - similarity.vif(sources, fused).clamp_max(2).mean(),
        "background": lambda: sanity.lit_background(fused, sources),
        "structure": lambda: 1 - exposure.mef_ssim(sources, fused).mean(),
        "exposed": lambda: exposure.well_exposed(sources, fused),
        "clipped": lambda: exposure.clipped_detail(sources, fused),
        "sharper": lambda: focus.from_the_sharper(sources, fused),
    }
    return {name: measure() for name, measure in measures.items() if getattr(shares, name)}


def weighted_sum(terms: dict[str, Tensor], shares: Shares) -> Tensor:
    """Return F's loss: the sum of all terms, each by its factor."""
    factors = shares.factors()
    return torch.stack([factors[name] * term for name, term in terms.items() if name in factors]).sum()

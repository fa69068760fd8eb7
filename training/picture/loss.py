"""The refine loss of F: every thing that is asked of a fused picture, each with a factor of its own.

All fused pictures that a step needs, of the sources, of the sources with planted lesions, with noise, and of one source
with itself or with nothing, come from a single call of the network.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from training.picture import exposure, focus, lesions, sanity, similarity

QUARTER = 4
"""Noise and identity are asked of every fourth pair."""

ALONE = 0.3
"""How often identity is asked of a source with nothing beside it instead of with itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shares:
    """Factors of the terms in F's loss; a term with the factor 0 is not computed."""

    qabf: float = 0.0
    """Of the edges that are not carried, 1 - Qabf."""
    ssim: float = 0.0
    """Of the lost structural similarity, 2 - its sum over both sources."""
    vif: float = 0.0
    """Of the lost visual information, 2 - its sum over both sources; more than 2 counts as 2."""
    lesion: float = 0.0
    """Of the contrast of planted lesions that is not shown."""
    hidden: float = 0.0
    """Of what is missing from the small part of every lesion that must be shown, `LEAST_SHOWN`."""
    lesion_kept: float = 0.9
    """Part of a planted lesion's contrast that shall be shown; no factor."""
    lesion_size: float = 6.0
    """Largest standard deviation of a planted lesion in pixels; no factor."""
    range: float = 0.0
    """Of what leaves the range of the sources."""
    identity: float = 0.0
    """Of the mean absolute difference of F(x, x), F(x, 0) and F(0, x) to x."""
    background: float = 0.0
    """Of the brightness where both sources are black."""
    noise: float = 0.0
    """Of noise that flat places pass beyond `NOISE_GAIN`."""
    structure: float = 0.0
    """Of the lost structural quality of exposures, 1 - MEF-SSIM."""
    exposed: float = 0.0
    """Of the distance of the local mean to the better exposed source's."""
    clipped: float = 0.0
    """Of the detail that is lost where the other exposure is clipped."""
    sharper: float = 0.0
    """Of the difference to the sharper source."""
    refocused: float = 0.0
    """Of the difference to the sharp image behind a pair that was blurred by us."""


LEAST_SHOWN = 0.45
"""Part of its contrast of which nothing may be missing: at 0.2 a lesion counts as hidden."""

STRONGEST_NOISE = 0.06
"""Largest standard deviation of the noise that is added."""

NOISE_GAIN = 0.7
"""Noise of the fused image over that of the sources that costs nothing."""


@dataclass(frozen=True, slots=True)
class Examples:
    """All that a step shows the network, and what it knows of it; parts that a loss does not need are empty."""

    sources: Tensor
    """(B, 2, H, W) in [0, 1]."""
    planted: Tensor
    """The same with lesions, (B, 2, H, W)."""
    noise: Tensor
    """What is added to the first quarter of the sources, (B / 4, 2, H, W)."""
    alike: Tensor
    """Pairs (x, x), (x, 0) and (0, x), (B / 4, 2, H, W)."""
    blurred: Tensor
    """Pairs of two focal planes, (N, 2, H, W)."""
    sharp: Tensor
    """What they should be fused to, (N, 1, H, W)."""

    @property
    def images(self) -> Tensor:
        """All pairs in one batch, (B', 2, H, W)."""
        noisy = self.sources[: len(self.noise)] + self.noise
        return torch.cat([self.sources, self.planted, noisy, self.alike, self.blurred])

    def of_each(self, fused: Tensor) -> tuple[Tensor, ...]:
        """Return the fused `images` (B', 1, H, W) apart: of sources, planted, noisy, alike and blurred pairs."""
        parts = (self.sources, self.planted, self.noise, self.alike, self.blurred)
        return fused.split([len(part) for part in parts])


def examples(sources: Tensor, shares: Shares, sharp: Tensor | None = None) -> Examples:
    """Return what a step shows the network, drawn at random on the sources' device.

    Parameters
    ----------
    sources
        (B, 2, H, W) in [0, 1], B a multiple of 4.
    shares
        The factors of the loss.
    sharp
        Sharp images, (N, 1, H + 24, W + 24) in [0, 1], for ``refocused``.
    """
    quarter = len(sources) // QUARTER
    none = sources[:0]
    planted = lesions.plant(sources, shares.lesion_size) if shares.lesion else none
    noise = none
    if shares.noise:
        height = STRONGEST_NOISE * torch.rand(quarter, 1, 1, 1, device=sources.device)
        noise = height * torch.randn_like(sources[:quarter]) * (sources[:quarter] > 0)
    alike = _alone_or_twice(sources[-quarter:]) if shares.identity else none
    blurred, wanted = (none, none) if sharp is None else focus.refocused(sharp)
    return Examples(sources, planted, noise, alike, blurred, wanted)


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


def _alone_or_twice(pairs: Tensor) -> Tensor:
    """Return pairs (x, x), (x, 0) or (0, x), (B, 2, H, W), x being one source of each pair."""
    count, device = len(pairs), pairs.device
    side = (torch.rand(count, device=device) < 0.5).long().view(-1, 1, 1, 1).expand(-1, 1, *pairs.shape[2:])
    chosen = pairs.gather(1, side)
    left, right = torch.rand(2, count, 1, 1, 1, device=device)
    return torch.cat([chosen * (left > ALONE / 2), chosen * ((right > ALONE / 2) | (left <= ALONE / 2))], dim=1)


def weighted_sum(terms: dict[str, Tensor], shares: Shares) -> Tensor:
    """Return F's loss: the sum of all terms, each by its factor."""
    factors = {field.name: getattr(shares, field.name) for field in fields(shares)}
    return torch.stack([factors[name] * term for name, term in terms.items() if name in factors]).sum()

"""Whether the slices of a series turn their stored numbers into values alike: by one rescale, with one sign."""

from collections import Counter
from collections.abc import Sequence

from napari_refusion.io.dicom.alike import SETTLED
from napari_refusion.io.dicom.slice import Slice, named
from napari_refusion.volume.finding import Finding


def check_scales(slices: Sequence[Slice]) -> list[Finding]:
    """Return warnings for a few slices whose numbers mean something else than those of the rest."""
    return [*_check_rescale(slices), *_check_signs(slices)]


def lacks_slope(image: Slice) -> bool:
    """Return whether the stored numbers of an image mean nothing without a slope; floating point ones may."""
    is_float = image.stored is not None and image.stored.keyword != "PixelData"
    return not (is_float or image.rescale.has_slope or image.rescale.table)


def _check_rescale(slices: Sequence[Slice]) -> list[Finding]:
    """Return a warning for the few slices whose rescale is another one than that of the rest.

    PET and SPECT, and some MRI, have a slope of their own in each slice, but never a negative one; PET has no intercept
    (PS3.3, C.8.9.4).
    """
    own = slices[0].pet_quantity is not None or slices[0].modality in ("PT", "NM")
    scales = [
        (image.rescale.slope < 0 if own else image.rescale.slope, image.rescale.intercept, image.rescale.table)
        for image in slices
    ]
    common, times = Counter(scales).most_common(1)[0]
    odd = [image for image, scale in zip(slices, scales, strict=True) if scale != common]
    if not odd or times < SETTLED * len(scales):
        return []
    value = f"slope {odd[0].rescale.slope:g}, intercept {odd[0].rescale.intercept:g}"
    usual = next(image.rescale for image, scale in zip(slices, scales, strict=True) if scale == common)
    sentence = (
        f"{named(odd, 'has', 'have')} another Rescale Slope or Intercept ({value}) than the other {times} images "
        f"({usual.slope:g}, {usual.intercept:g}): if the brightness jumps there, a number was changed on the way, "
        "and the series has to be sent again."
    )
    return [Finding("warn", "values", sentence, value)]


def _check_signs(slices: Sequence[Slice]) -> list[Finding]:
    """Return a warning for the few slices whose numbers are stored with a sign where the rest has none, or without."""
    signs = [image.stored.signed for image in slices if image.stored is not None]
    usual, times = Counter(signs).most_common(1)[0] if signs else (False, 0)
    odd = [image for image in slices if image.stored is not None and image.stored.signed != usual]
    if not odd or times < SETTLED * len(slices):
        return []
    value = "signed" if odd[0].stored and odd[0].stored.signed else "unsigned"
    sentence = (
        f"{named(odd, 'has', 'have')} {value} numbers by its header and the other {times} images have not (Pixel "
        "Representation (0028,0103)): if the brightness jumps there, it was changed on the way, and the series has to "
        "be sent again."
    )
    return [Finding("warn", "values", sentence, value)]

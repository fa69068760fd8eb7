"""The rules of all findings: one table of what can be noticed or refused, each with the QC check that it counts for.

A new rule is one entry here. `Finding` accepts no other, so a mistyped rule is an error and not a warning in the wrong
check.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

Check = Literal["Geometry", "Registration", "Intensity", "Model", "Output"]
"""The QC checks of a fusion. ``Geometry``: where the voxels lie and which slices there are. ``Registration``: whether
the two sources lie on each other. ``Intensity``: whether the voxels hold what they are taken for. ``Model``: whether
the weights were trained for such sources. ``Output``: the fused image, which the examination and the lesions that the
reader drew decide."""

CHECKS: Final[tuple[Check, ...]] = get_args(Check)
"""In the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that is checked."""

    name: str
    """As it stands in findings, reports and records (``slice spacing``)."""
    check: Check | None
    """What a warning counts for; None for what a fusion's quality does not depend on: refused operations, files
    that yield no volume, and notices about programs and records."""
    description: str
    """What is noticed, and where that is not plain, why it counts for its check."""


BY_CHECK: Final[Mapping[Check | None, Mapping[str, str]]] = {
    "Geometry": {
        "axis": "The direction of the slices that are fused.",
        "beyond the grid": "What the other volume shows beyond the reference grid, which the fused image does not.",
        "coarse grid": "Voxels of the reference so far apart that details of the other volume can vanish.",
        "decimal strings": "Truncated numbers in a DICOM header; the positions and spacings are read from them.",
        "DICOM files": "Files of a folder that are damaged or not images; slices may be missing.",
        "duplicate slices": "Several slices at one position.",
        "frame of reference": "Whether the headers put the slices, or both sources, into one space.",
        "frames": "Several frames or images in a file that should hold one volume or slice.",
        "gantry tilt": "A stack sheared by a tilted gantry.",
        "geometry": "A singular transform, or one that cannot be written.",
        "grid": "How two grids were matched, or a grid that puts all voxels into one plane.",
        "image size": "Pictures of different sizes, which cannot be overlaid pixel by pixel.",
        "localizer": "A scout, which is a projection and has no slices.",
        "matrix": "Slices with different numbers of rows or columns.",
        "missing slice": "A gap in the stack, empty slices in it, or fewer slices than the header counts.",
        "mosaic": "Many slices side by side in one image.",
        "moved": "A layer that was moved by hand: fused where it lies now.",
        "multi-frame": "Several multi-frame files, each of which may be a volume of its own.",
        "oblique": "Axes rotated from the patient's.",
        "orientation": "A direction that is missing, wrong, different between slices, or only assumed.",
        "overlap": "How much of the reference grid the other volume covers.",
        "pixel spacing": "Slices with different pixel spacings.",
        "patient": "Whether both sources are of one patient, by their files: of two, nothing lies where it seems to.",
        "position": "Slices or volumes without a usable position, orientation or pixel spacing.",
        "projections": "Nuclear medicine projections, which are not slices.",
        "qform and sform": "Two orientations in a NIfTI header that contradict each other.",
        "series": "Which series of a folder is read, and which images belong to it.",
        "shear": "A file with axes off right angles.",
        "sheared": "A reference grid with axes off right angles, so that its slices are drawn shifted.",
        "study": "Images of several examinations in one series.",
        "slice spacing": "The distance of slices: even, as stated, or unknown.",
        "slice sequence": "Slices unlike those around them: some missing, out of order, displaced, or of another scan.",
        "unit of length": "The unit of positions in a file that is not or not surely the millimetre.",
        "voxel size": "Voxels of no size, or of a size that no scanner makes.",
    },
    "Registration": {
        "laterality": "The self-test against mirroring from left to right.",
        "left and right": "Sides that the self-test cannot confirm, for mirrored the sources fit almost as well.",
        "registered": "A volume that was moved by an accepted registration.",
        "registration": "The self-test of the position, the reader's answer to it, and a registration that failed.",
    },
    "Intensity": {
        "attenuation correction": "PET that was not corrected for attenuation.",
        "b-value": "Slices with another diffusion weighting.",
        "burned-in annotation": "Text in the pixels, which would be fused like anatomy.",
        "colour": "DICOM images in colour, which are not measurements.",
        "compression": "Lossy compression, or one that cannot be decoded.",
        "content": "Voxels that are constant, not finite, labels, colours, complex or vectors.",
        "contrast agent": "Slices with and without contrast agent in one volume.",
        "decay correction": "PET that was not corrected for decay.",
        "echo": "Slices of another echo.",
        "energy window": "Frames of another energy window in nuclear medicine.",
        "flip angle": "Slices with another flip angle.",
        "fused image": "A fused image of this program as a source.",
        "grey scale": "Low values shown bright: MONOCHROME1, or a picture that seems to be one of an inverted display.",
        "image": "What was dropped or looked up on decoding a picture: its brightness may not rise with the values.",
        "image type": "Slices of another kind: phase among magnitude, fat among water, derived among original.",
        "inversion time": "Slices with another inversion time.",
        "kernel": "Slices of another reconstruction kernel.",
        "repetition time": "Slices with another repetition time.",
        "sidecar": "A JSON file beside an image that cannot be read: the unit that it may state is lost.",
        "size": "More or fewer bytes than the header declares: the voxels may not be those of this header.",
        "tube voltage": "Slices with another X-ray tube voltage.",
        "SUV": "Whether the values of PET are SUV.",
        "trigger time": "Slices of another phase of the heart or of breathing.",
        "truncated file": "A DICOM file that ends before its last pixel.",
        "unit": "The unit of the values.",
        "units": "A series that mixes units.",
        "values": "The range of the values, or very few different ones.",
        "window fit": "A header's window, or a fixed scale, that shows next to nothing: the unit may be another.",
        "voxels": "Voxels that were changed since the file was opened: the values are no longer the file's.",
    },
    "Model": {
        "body part": "A part of the body that the weights have not seen of such a pair.",
        "colours": "Pseudo-colours that stand for values, fused by a luminance that the weights take for values.",
        "comparison": "Two images of one functional modality, which are compared and not fused.",
        "contrast": "The contrasts of two MRI: not known, or a pair that the weights were not trained for.",
        "modality": "A modality that is not known, or a pair that the weights were not trained for.",
        "same file": "One file as both sources: the weights were trained for two examinations.",
        "source": "A photograph that is not what the task takes: given as the other one, or of another task.",
        "weights": "Weights that were trained for another task, or cannot be used.",
    },
    "Output": {
        "hidden lesion": "A lesion of the reader's list of whose contrast the fused image shows next to nothing.",
    },
    None: {
        "altered review": "A record of a review that was changed outside this program.",
        "fused picture": "How much of the fused slice on the screen is saturated, or leaves the range of both sources.",
        "hidden uptake": "Spots of uptake of the slice on the screen that the fused image hardly shows.",
        "partial fusion": "A volume that is only partly fused and cannot be examined.",
        "changed source": "Files that are not those reviewed before in the same place; no verdict is carried over.",
        "damaged review": "A record of a review that was damaged, and what was recovered.",
        "device": "The processor that fuses; the result is the same on each.",
        "DICOM export": "Series that an exported object cannot refer to.",
        "display": "How a volume is drawn; fusing uses its true place. Or no display at all.",
        "engine": "An engine that is not known; or what computes the network: the result is the same.",
        "evidence": "Evidence maps that were not run; the checks name the numbers that they lack themselves.",
        "file": "A file that cannot be read: no volume results.",
        "header": "A header that cannot be read: no volume results.",
        "layer": "A layer that is not an image of a slice or volume.",
        "layers": "Layers that are not two different images.",
        "limits": "A file of limits that cannot be used.",
        "lock": "A case that cannot be locked yet.",
        "locked": "A case that is locked.",
        "memory": "Too little memory.",
        "model card": "A model card that cannot be read.",
        "open elsewhere": "A review that is open in another window or on another computer.",
        "output": "A place or a form in which results cannot be written.",
        "override": "A failed check, or two patients, that are overridden without a reason.",
        "palette": "A palette that is not known.",
        "pixels": "Pixels that cannot be decoded: no volume results.",
        "project": "A project that cannot be opened or made.",
        "pseudonym": "A pseudonym that is not the patient's, or hides nothing.",
        "read only": "A review that cannot be written to.",
        "reader": "A name of a reader that cannot be used.",
        "reason": "A verdict without a reason.",
        "report": "A report that cannot be read.",
        "result": "Whether a fused image, its record and its sources still belong together.",
        "review": "A record of a review that cannot be read or written.",
        "session": "A session that cannot be opened or saved, or whose fused slices no longer belong to its sources.",
        "slice": "A slice that does not exist or is not fused yet.",
        "task": "A task that is not known.",
        "verdict": "A verdict that is incomplete or contradicts the answers.",
        "volume of interest": "A volume of interest that is empty, or not within the source that it is drawn on.",
        "window": "A window that was not understood or is empty.",
        "worklist": "Cases that were left out, or a file that is not a worklist.",
    },
}
"""Check -> name of a rule -> its description. What else Output depends on, the examination decides."""

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {name: Rule(name, check, words) for check, rules in BY_CHECK.items() for name, words in rules.items()}
)
"""Name -> rule."""

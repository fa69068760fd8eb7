"""What every exported object says of itself: derived from which images, by what, and for research only."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any, Final

from pydicom import Dataset
from pydicom.multival import MultiValue
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from napari_refusion import __version__
from napari_refusion.fusion.engines import rule_in_words
from napari_refusion.fusion.provenance import SourceRecord
from napari_refusion.io.dicom.export.identity import identity
from napari_refusion.io.dicom.export.inputs import Export
from napari_refusion.io.dicom.export.reference import ReferenceSeries
from napari_refusion.io.dicom.export.references import code, refer, source_images, source_registration
from napari_refusion.io.dicom.header import text
from napari_refusion.io.dicom.own import CODING_SCHEME, MANUFACTURER
from napari_refusion.notice import LOUD, SERIES_TITLE
from napari_refusion.volume.modality import modality_name

LONG_STRING: Final = 64
"""Characters of the value representation LO (PS3.5, 6.2)."""
SHORT_TEXT: Final = 1024
"""Characters of the value representation ST."""

EQUIPMENT: Final[dict[str, Any]] = {
    "manufacturer": MANUFACTURER,
    "manufacturer_model_name": "ReFusion",
    "software_versions": __version__,
    "device_serial_number": __version__,
}
"""highdicom's arguments for the Enhanced General Equipment module; a program has no serial number but its version."""

_FUSION: Final = ("FUSION", CODING_SCHEME, "Image fusion by a neural network")
_RULE: Final = ("FUSION_RULE", CODING_SCHEME, "Image fusion by a fixed rule")
"""Private codes: context group CID 7203 (Image Derivation) has none for them."""


def new_object(export: Export, sop_class: str, *, modality: str, series_number: int) -> Dataset:
    """Return the modules of patient, study, series and equipment, with new Series and SOP Instance UIDs."""
    from highdicom.base import SOPClass

    source = identity(export.reference, export.frame_of_reference, export.pseudonym)
    dataset = SOPClass(
        study_instance_uid=source.StudyInstanceUID,
        series_instance_uid=generate_uid(),
        series_number=series_number,
        sop_instance_uid=generate_uid(),
        sop_class_uid=sop_class,
        instance_number=1,
        modality=modality,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        patient_id=source.PatientID,
        patient_birth_date=source.PatientBirthDate,
        patient_sex=source.PatientSex,
        accession_number=source.AccessionNumber,
        study_id=source.StudyID,
        study_date=source.StudyDate,
        study_time=source.StudyTime,
        referring_physician_name=source.ReferringPhysicianName,
        **EQUIPMENT,
    )
    dataset.copy_patient_and_study_information(source)
    return dataset


def plain(words: str) -> str:
    """Return text that any DICOM text attribute can hold: one line of ASCII without a backslash."""
    return spelt(words).encode("ascii", "replace").decode()


def spelt(words: str) -> str:
    r"""Return one line without a backslash in its own alphabet, for objects that say that they are in Unicode."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words.replace("\\", "/")).split())


def shortened(words: str, limit: int) -> str:
    """Return text of at most so many characters, with dots at its end where something is missing.

    Counted are bytes of UTF-8: a character of another alphabet is one for DICOM (PS3.5, 6.2), but not for all programs.
    """
    written = words.encode()
    return words if len(written) <= limit else written[: limit - 3].decode(errors="ignore").rstrip() + "..."


def series_description(export: Export, words: str = "") -> str:
    """Return the Series Description: research only, what it is, and a failed check, at most 64 characters."""
    return shortened(" ".join(part for part in (SERIES_TITLE, words, export.check_failed) if part), LONG_STRING)


def describe(dataset: Dataset, export: Export) -> None:
    """Add to an object with pixels where it comes from: texts, codes, both sources, and what carries over from them."""
    dataset.SeriesDescription = series_description(export)
    dataset.ImageComments = _comments(export)
    dataset.DerivationDescription = derivation_words(export)
    dataset.DerivationCodeSequence = derivation_codes(export)
    dataset.SourceImageSequence = source_images(export)
    source_registration(dataset, export)
    dataset.BurnedInAnnotation = export.burned_in
    dataset.RecognizableVisualFeatures = "YES" if export.recognizable else "NO"
    _carry_compression(dataset, export.references)
    refer(dataset, export)


def derivation_words(export: Export) -> str:
    """Return in words how the fused volume was made, at most 1024 characters, without the names of the sources."""
    made = export.fused.provenance
    rule = rule_in_words(made.weights)
    network = f"ReFusion {made.task} network, weights {made.weights}, SHA-256 {made.weights_sha256}"
    words = (
        export.check_failed,
        f"Fused without a network, by a fixed rule ({made.weights}): {rule}" if rule else network,
        f"{_source(made.a)} fused with {_source(made.b)} in {made.axis} slices on the grid of the "
        f"{modality_name((made.a if made.reference == 'a' else made.b).modality, 'reference')}",
        made.notice,
    )
    return shortened(plain(". ".join(part.rstrip(". ") for part in words if part) + "."), SHORT_TEXT)


def derivation_codes(export: Export) -> list[Dataset]:
    """Return the items of Derivation Code Sequence (0008,9215): the resampling, and the fusion."""
    from pydicom.sr.codedict import codes

    resampling = codes.DCM.SpatialResampling
    fusion = _RULE if rule_in_words(export.fused.provenance.weights) else _FUSION
    return [code(resampling.value, resampling.scheme_designator, resampling.meaning), code(*fusion)]


def _comments(export: Export) -> str:
    made = export.fused.provenance
    words = (SERIES_TITLE, export.check_failed, made.notice, f"'{LOUD}' above the image identifies no patient")
    return plain(". ".join(part.rstrip(". ") for part in words if part) + ".")


def _source(record: SourceRecord) -> str:
    """Return a source in words, as ``PET (0 to 7.2 SUVbw)``, without its name."""
    low, high = record.window
    unit = f" {record.unit}" if record.unit else ""
    moved = f", {record.move.words}" if record.move else ""
    return f"{modality_name(record.modality, 'source')} ({low:.4g} to {high:.4g}{unit}{moved})"


def _carry_compression(dataset: Dataset, references: Sequence[ReferenceSeries]) -> None:
    """Add Lossy Image Compression: once lost, detail stays lost, and the ratios and methods of the sources tell how."""
    lossy = [header for one in references for header in one.headers if text(header, "LossyImageCompression") == "01"]
    dataset.LossyImageCompression = "01" if lossy else "00"
    for keyword in ("LossyImageCompressionRatio", "LossyImageCompressionMethod"):
        dataset.pop(keyword, None)
        # Ratio and method belong together by their order, so they are taken from one image, the most compressed one.
        worst = max(lossy, key=lambda header: max(_ratios(header), default=0.0), default=None)
        if worst is not None and keyword in worst:
            dataset[keyword] = deepcopy(worst[keyword])


def _ratios(header: Dataset) -> Iterable[float]:
    value = header.get("LossyImageCompressionRatio")
    return [float(part) for part in (value if isinstance(value, MultiValue) else [value]) if part is not None]

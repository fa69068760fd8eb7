"""The kinds of files that are broken, one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.fuzz.case import Case, Result
from tests.fuzz.databases import database_case, look_at_database
from tests.fuzz.dicom import dicom_case
from tests.fuzz.looks import look_at_image
from tests.fuzz.nifti import nifti_case
from tests.fuzz.pictures import picture_case
from tests.fuzz.text import text_case
from tests.fuzz.weights import look_at_weights, weights_case


@dataclass(frozen=True, slots=True)
class Kind:
    """How cases of one kind are made and looked at."""

    make: Callable[[Random], Case]
    look: Callable[[Path, Case], tuple[Result, str]]


KINDS: Mapping[str, Kind] = {
    "nifti": Kind(nifti_case, look_at_image),
    "dicom": Kind(dicom_case, look_at_image),
    "itk": Kind(text_case, look_at_image),
    "pictures": Kind(picture_case, look_at_image),
    "weights": Kind(weights_case, look_at_weights),
    "databases": Kind(database_case, look_at_database),
}

"""The forms are compared with the words that files of earlier versions hold: those must not change."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import napari_refusion
from napari_refusion.notice import DESCRIPTION, LOUD, NOT_FOR_DIAGNOSIS, NOTICE, RESEARCH_ONLY, SERIES_TITLE

PACKAGE = Path(napari_refusion.__file__).parent


def texts(source: str) -> Iterator[str]:
    """Yield the texts in a program that are no documentation."""
    tree = ast.parse(source)
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def test_results_hold_the_same_words_as_those_of_earlier_versions() -> None:
    assert NOTICE == "Research use only, not for diagnosis. No HU, SUV or activity can be read from a fused image."
    assert LOUD == "RESEARCH USE ONLY"
    assert DESCRIPTION == "ReFusion RESEARCH ONLY"
    assert SERIES_TITLE == "FUSED RESEARCH ONLY"


def test_every_form_fits_where_it_is_written() -> None:
    """NIfTI-1 keeps 80 bytes with the last one zero; LO of DICOM 64 characters (PS3.5, 6.2)."""
    assert len(DESCRIPTION.encode("ascii")) <= 79
    assert len(SERIES_TITLE.encode("ascii")) <= 64
    assert NOTICE.startswith(NOT_FOR_DIAGNOSIS)
    assert NOT_FOR_DIAGNOSIS.startswith(RESEARCH_ONLY)


def test_no_other_file_of_the_package_says_it_in_its_own_words() -> None:
    again = [
        (path.name, text)
        for path in PACKAGE.rglob("*.py")
        if path != PACKAGE / "notice.py"
        for text in texts(path.read_text(encoding="utf-8"))
        if re.search(r"research( use)? only|not for diagnosis", text, re.IGNORECASE)
    ]
    again += [
        (path.name, "")
        for path in PACKAGE.rglob("*.html")
        if re.search(r"research( use)? only|not for diagnosis", path.read_text(encoding="utf-8"), re.IGNORECASE)
    ]
    assert again == []

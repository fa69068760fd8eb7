"""Runs one case and gathers what the program made of it."""

import json
from pathlib import Path
from typing import Any

from benchmarks.equal_results.cases import CHECKOUT, Case
from benchmarks.equal_results.images import describe_image
from benchmarks.equal_results.normal import normalised
from benchmarks.equal_results.objects import describe_objects
from benchmarks.equal_results.page import Page
from benchmarks.equal_results.program import Printed, run
from benchmarks.equal_results.review import review_case
from benchmarks.equal_results.sources import find_sources

LEVELS = ("ok", "warn", "block")
"""Of findings, as they are printed."""


def gather(case: Case, output: Path, shared: Path) -> dict[str, Any]:
    """Return the parts of a case: what `check` and `fuse` printed, what files hold, and the report of a review.

    Parameters
    ----------
    output
        Below it, in ``files``, is what the program reads and writes.
    shared
        The folder of the real data; a case that lacks it holds only ``skipped`` and why.
    """
    folder = output / "files" / case.name
    folder.mkdir(parents=True)
    paths = find_sources(case, folder, shared)
    if paths is None:
        return {"skipped": "needs the real data in ../shared, which is not here"}
    found: dict[str, Any] = {"check": _printed(run(["check", *map(str, paths), *_about_sources(case)]))}
    target = folder / f"fused{case.ending}"
    fused = run(["fuse", *map(str, paths), "-o", str(target), *_about_sources(case), *_about_fusion(case, folder)])
    found |= {"fuse": _printed(fused)} | _files(target)
    if (objects := folder / "objects").is_dir():
        found["dicom"] = describe_objects(objects.iterdir(), paths)
    if case.has_review and fused.status == 0:
        found |= _review(case, paths, folder / "project")
    places = {output: "<output>", shared: "<shared>", CHECKOUT: "<checkout>"}
    return {part: normalised(value, places) for part, value in found.items()}


def _about_sources(case: Case) -> list[str]:
    a, b = case.modalities
    return _options({"task": case.task, "modality-a": a, "modality-b": b, "reference": case.reference})


def _about_fusion(case: Case, folder: Path) -> list[str]:
    a, b = case.windows
    objects = str(folder / "objects") if case.has_dicom else ""
    chosen = {"window-a": a, "window-b": b, "axis": case.axis, "weights": case.weights, "colour": case.colour}
    return _options(chosen | {"dicom": objects, "device": "cpu"})


def _options(chosen: dict[str, str]) -> list[str]:
    """Return the options that are not empty."""
    return [word for name, value in chosen.items() if value for word in (f"--{name}", value)]


def _printed(printed: Printed) -> dict[str, Any]:
    """Return exit status, sentences, and findings by what was checked; of several of one name, each with its number."""
    findings: dict[str, Any] = {}
    for level, rule, value, sentence in (row for row in printed.rows if row[0] in LEVELS):
        number = sum(name.split(" #")[0] == rule for name in findings)
        name = f"{rule} #{number + 1}" if number else rule
        findings[name] = {"level": level, "value": value, "sentence": sentence}
    told = {"status": printed.status, "findings": findings, "lines": list(printed.lines)}
    return told | ({"crash": printed.crash} if printed.crash else {})


def _files(target: Path) -> dict[str, Any]:
    """Return what the fused files and their record hold, as far as they were written."""
    colour = target.with_name(f"fused_colour{''.join(target.suffixes)}")
    record = target.with_name("fused.json")
    parts = {name: describe_image(path) for name, path in (("grey", target), ("colour", colour)) if path.exists()}
    found: dict[str, Any] = {"voxels": parts} if parts else {}
    return found | ({"record": json.loads(record.read_text(encoding="utf-8"))} if record.exists() else {})


def _review(case: Case, paths: tuple[Path, Path], project: Path) -> dict[str, Any]:
    """Return what is left of a scripted review, pages and tables in lines."""
    left = review_case(case, paths, project)
    summary, table = (path.read_text(encoding="utf-8") for path in left.export_review)
    found: dict[str, Any] = {
        "report": {"page": Page(left.page).lines, "identified page": Page(left.identified_page).lines},
        "review": {"events": list(left.events), "summary": json.loads(summary)},
    }
    found["review"]["table"] = table.splitlines()
    return found | ({"pseudonymised dicom": describe_objects(left.objects, paths)} if left.objects else {})

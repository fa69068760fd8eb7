"""Adds a dummy of each kind, in one place each, and prints as JSON where it turns up; run in a process of its own.

The tables are changed before anything that reads them is imported, as another entry in their files would be.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from napari_refusion.volume import rule  # first: findings are checked by it

rule.RULES = MappingProxyType({**rule.RULES, "dummy rule": rule.Rule("dummy rule", "Geometry", "A dummy.")})

from napari_refusion.model import tasks  # noqa: E402
from napari_refusion.volume import modality  # noqa: E402

modality.MODALITIES = MappingProxyType(
    {
        **modality.MODALITIES,
        "US": modality.Modality("US", "ultrasound", modality.full_range, place=1, words=("sono",), bids=("sono",)),
    }
)
tasks.TASKS = MappingProxyType({**tasks.TASKS, "dummy_task": tasks.Task("dummy_task", "dummy title", ("one", "two"))})

from napari_refusion.io import formats  # noqa: E402

formats.FORMATS = (*formats.FORMATS, formats.Format("DUMMY", (".dum",), "tests.table_dummies", "read_dummy"))

from napari_refusion.fusion import compare_modes, engines  # noqa: E402

engines.ENGINES = MappingProxyType(
    {**engines.ENGINES, "darker": engines.EngineEntry("nowhere", "the darker one", "the darker source")}
)
compare_modes.COMPARE_MODES = (
    *compare_modes.COMPARE_MODES,
    replace(compare_modes.COMPARE_MODES[0], name="dummy mode", title="Dummy of {first}", key=""),
)


def read_dummy(path: Path, modality: str | None = None) -> object:
    """Return one volume, whatever the file."""
    from napari_refusion.volume.volume import Volume

    return Volume(np.zeros((1, 2, 2), np.float32), np.eye(4), modality or "US", name=path.stem)


def main(folder: Path) -> dict[str, object]:
    """Return where each dummy is seen."""
    from typer.testing import CliRunner

    from napari_refusion.cli.main import app
    from napari_refusion.cohort.worklist import list_cases
    from napari_refusion.evidence.trust import check_outcomes
    from napari_refusion.io.identify import modality_from_name
    from napari_refusion.io.open import open_volume
    from napari_refusion.record.case import CaseReview
    from napari_refusion.session.compare import CompareSession
    from napari_refusion.session.settings import FuseSettings, choices_of
    from napari_refusion.volume.finding import Finding
    from napari_refusion.widgets.contributions import get_reader

    case = folder / "case"
    case.mkdir()
    for name in ("sono.dum", "T1w.dum"):
        (case / name).write_bytes(b"")
    settings = {one: choices_of(field) for one, field in FuseSettings.__dataclass_fields__.items()}
    checks = check_outcomes((Finding("warn", "dummy rule", "A dummy."),), CaseReview(), None, None)
    return {
        "help": CliRunner().invoke(app, ["fuse", "--help"], env={"COLUMNS": "300"}).output,
        "menu of tasks": settings["task"].get("dummy_task"),
        "menu of engines": settings["engine"].get("darker"),
        "modality by name": modality_from_name(Path("sub-1_sono.dum"))[0],
        "compare modes": [mode.name for mode in CompareSession().state.offered],
        "claimed by napari": get_reader(str(case / "sono.dum")) is not None,
        "opened": open_volume(case / "sono.dum").word,
        "worklist": [list(one.modalities) for one in list_cases(folder).cases],
        "checks": {outcome.check: outcome.colour for outcome in checks},
    }


if __name__ == "__main__":
    sys.modules["tests.table_dummies"] = sys.modules["__main__"]
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))) + "\n")

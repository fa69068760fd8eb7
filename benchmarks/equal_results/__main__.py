"""Shows that two versions of the code give equal results: fused voxels, records, checks, reports and DICOM objects.

    git worktree add ../old COMMIT                            # with this folder copied into it, where it has none
    cd ../old && python -m benchmarks.equal_results write --output ../before
    cd ../new && python -m benchmarks.equal_results write --output ../after
    python -m benchmarks.equal_results compare ../before ../after

`write` runs the code of the checkout that it is started in, on one thread of the CPU, and writes a JSON file for each
of `cases.CASES`; what the program wrote stays beside it under ``files``, to be looked at where something differs. Cases
that need the folder of real data are skipped, saying so, where it is absent. `compare` prints a row for each part of
each case and ends with exit status 1 where one is different or missing. What only the later results hold, such as a
field, a finding or a line of a report, is listed as *new* and is no difference.

The following is replaced before it is written, for it differs between two runs of the same code:

* paths: of the output, the checkout and the real data;
* times: in the record, in reports, and those in DICOM objects that no source holds;
* versions: of this software, torch, Python, pydicom and highdicom; in DICOM objects Software Versions, Device Serial
  Number and Implementation Version Name that no source holds;
* UIDs in DICOM objects that neither a source nor the standard holds: by the place where each appears first; and the
  lengths of groups of elements, for such UIDs differ in length;
* the hash of a review's newest event, which follows from times and random identities.

Everything else is compared exactly; arrays and pictures by the SHA-256 of their values.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.equal_results.cases import CASES, CHECKOUT
from benchmarks.equal_results.comparison import compare_folders

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""The order in which threads add up changes the last bit of a sum."""

STYLES = {"equal": "green", "new": "cyan", "skipped": "dim", "different": "bold red", "missing": "bold red"}


def write(output: Path, shared: Path, only: list[str]) -> None:
    """Run the cases and write what each gave, and a summary, into a new folder."""
    os.environ.update(ONE_THREAD)  # numpy and torch read it when they are imported, which is why they are below
    from benchmarks.equal_results.gathering import gather

    if output.exists() and any(output.iterdir()):
        sys.exit(f"Choose a new folder for the results, this one holds something: {output}")
    output.mkdir(parents=True, exist_ok=True)
    skipped: list[str] = []
    for case in (case for case in CASES if not only or case.name in only):
        began = time.process_time()
        found = gather(case, output.resolve(), shared.resolve())
        text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False)
        (output / f"{case.name}.json").write_text(text + "\n", encoding="utf-8")
        skipped += [case.name] if "skipped" in found else []
        print(f"{case.name:34} {found.get('skipped') or f'{time.process_time() - began:5.1f} s'}", flush=True)
    summary = {"cases": len(only or CASES), "skipped": skipped, "processor_seconds": round(time.process_time(), 1)}
    (output / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(summary))


def compare(before: Path, after: Path, is_complete: bool) -> int:
    """Print how two folders of results compare, and return the exit status."""
    for folder in (before, after):
        if not any(folder.glob("*.json")):
            sys.exit(f"Write results first, there are none in this folder: {folder}")
    rows = compare_folders(before, after)
    table = Table("case", "part", "result", "all differences" if is_complete else "first difference")
    for row in rows:
        result = f"[{STYLES[row.result]}]{row.result}[/]{f' ({len(row.notes)})' if row.notes else ''}"
        table.add_row(row.case, row.part, result, escape("\n".join(row.notes if is_complete else row.notes[:1])))
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    print(", ".join(f"{sum(row.result == result for row in rows)} {result}" for result in STYLES))
    return int(any(row.is_failure for row in rows))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    writing = commands.add_parser("write", help="run the cases with the code of this checkout")
    writing.add_argument("--output", type=Path, required=True, help="new folder")
    writing.add_argument("--shared", type=Path, default=CHECKOUT.parent / "shared", help="folder of the real data")
    writing.add_argument("--only", nargs="+", default=[], choices=[case.name for case in CASES], metavar="CASE")
    comparing = commands.add_parser("compare", help="compare what two checkouts wrote")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    comparing.add_argument("--all", action="store_true", help="print every difference, not only the first of each part")
    options = parser.parse_args()
    if options.command == "write":
        write(options.output, options.shared, options.only)
    else:
        sys.exit(compare(options.before, options.after, options.all))


if __name__ == "__main__":
    main()

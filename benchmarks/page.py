"""The page of all benchmarks, docs/benchmarks.md, with its plots, from what was measured last."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1] / "docs"

MEASURED = DOCS / "benchmarks.json"

COLOURS = {"plain": "#777777", "pytorch": "#d55e00", "compiled": "#0072b2"}
"""Form of the network -> colour that the colour-blind tell apart."""

WORDS = {"plain": "authors' formulation", "pytorch": "PyTorch", "compiled": "compiled"}

NONE = "-"

Measured = Mapping[str, Any]


def write_page() -> None:
    """Draw the plots and write the page."""
    found = json.loads(MEASURED.read_text(encoding="utf-8"))
    _draw(found)
    sections = {"slices": _slices, "volumes": _volumes, "memory": _memory, "cohort": _cohort, "meta_step": _meta_step}
    text = "\n".join([_head(found), *(write(found) for part, write in sections.items() if part in found)])
    (DOCS / "benchmarks.md").write_text(text + "\n", encoding="utf-8")


def _head(found: Measured) -> str:
    return (
        "# Benchmarks\n\n`python -m benchmarks` measures all of this and writes this page; ratios are within a run.\n"
        f"Measured on {found['machine']}, of which other programs had\na part: seconds of the processor and ratios "
        "hold, seconds by the clock only where nothing else ran.\n"
    )


def _slices(found: Measured) -> str:
    rows = []
    for side in sorted({_side(one) for one in found["slices"]}):
        of = {one["form"]: one for one in found["slices"] if _side(one) == side and one["threads"] == 1}
        ours = of["compiled"]["processor"]
        cells = [f"{of[form]['processor'] * 1e3:.0f} ms" if form in of else NONE for form in WORDS]
        ratios = [f"{of[form]['processor'] / ours:.1f}" if form in of else NONE for form in ("plain", "pytorch")]
        memory = [f"{of[form]['megabytes'] / 1e3:.1f}" if form in of else NONE for form in WORDS]
        rows.append([f"{side} x {side}", *cells, " / ".join(ratios), " / ".join(memory)])
    header = [
        "one slice, one thread",
        *WORDS.values(),
        "times as long as compiled",
        "memory of the process, GB",
    ]
    clocks = [
        f"{WORDS[one['form']]}, {one['threads']} thread{'s' * (one['threads'] > 1)}: {one['wall'] * 1e3:.0f} ms"
        for one in found["slices"]
        if _side(one) == 512 and one["form"] != "plain"
    ]
    table = _table(header, rows)
    picture = "![Time and memory of a slice by its size](benchmarks.svg)"
    return f"## A slice\n\n{picture}\n\n{table}\nBy the clock, at 512 x 512: {'; '.join(clocks)}.\n"


def _volumes(found: Measured) -> str:
    rows = [
        [
            WORDS[one["form"]],
            str(one["count"]),
            f"{one['fuse']:.1f} s",
            f"{one['examine']:.1f} s",
            f"{one['examine'] / one['fuse']:.2f}",
        ]
        for one in found["volumes"]
    ]
    header = ["network", "slices of 256 x 256", "fusing", "examining", "ratio"]
    return f"## A volume and its examination\n\nProcessor's seconds, one thread.\n\n{_table(header, rows)}"


def _memory(found: Measured) -> str:
    rows = [
        [one["what"], f"{one['peak'] / 1e9:.2f} GB", f"{one['own'] / 1e9:.2f} GB", f"{one['volumes']:.1f}"]
        for one in found["memory"]
    ]
    header = ["512 x 512 x 300, PET on CT", "largest memory", "of it no file's", "float32 volumes beside the libraries"]
    return (
        "## Memory of whole work\n\nAll but the network, whose own memory stands above: fusing with colours and\n"
        "record, the same with every volume in a temporary file, and the examination of it.\n\n" + _table(header, rows)
    )


def _cohort(found: Measured) -> str:
    rows = [
        [str(one["workers"]), str(one["cases"]), f"{one['clock']:.0f} s", f"{one['rate']:.2f}"]
        for one in found["cohort"]
    ]
    header = ["worker processes", "cases, one in twenty corrupt", "by the clock", "cases a second"]
    return f"## A cohort\n\nSmall synthetic pairs, each fused, examined, drawn and recorded.\n\n{_table(header, rows)}"


def _meta_step(found: Measured) -> str:
    return (
        "## A meta step of the training\n\nAgainst the authors' formulation (every weight twice) and against double "
        f"backward:\n\n```text\n{found['meta_step'].strip()}\n```\n"
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _draw(found: Measured) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "benchmarks", "font.size": 9})
    from matplotlib import pyplot

    figure, (time, memory, volumes) = pyplot.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
    for form, word in WORDS.items():
        ones = sorted(
            (one for one in found.get("slices", ()) if one["form"] == form and one["threads"] == 1), key=_side
        )
        sides = [_side(one) for one in ones]
        time.plot(sides, [one["processor"] for one in ones], "o-", color=COLOURS[form], label=word)
        memory.plot(sides, [one["megabytes"] / 1e3 for one in ones], "o-", color=COLOURS[form], label=word)
        of = [one for one in found.get("volumes", ()) if one["form"] == form]
        if of:
            counts = [one["count"] for one in of]
            volumes.plot(counts, [one["fuse"] for one in of], "o-", color=COLOURS[form], label=f"fusing, {word}")
            volumes.plot(counts, [one["examine"] for one in of], "s--", color=COLOURS[form], label=f"examining, {word}")
    time.set(xscale="log", yscale="log", xlabel="pixels of a side", ylabel="seconds of the processor", title="a slice")
    memory.set(xscale="log", xlabel="pixels of a side", ylabel="GB of the process", title="memory")
    volumes.set(xlabel="slices of 256 x 256", ylabel="seconds of the processor", title="a volume")
    for axes in (time, memory):
        sides = sorted({_side(one) for one in found.get("slices", ())})
        axes.set_xticks(sides, [str(side) for side in sides])
        axes.minorticks_off()
    for axes in (time, volumes):
        axes.legend(fontsize=7)
    figure.savefig(DOCS / "benchmarks.svg", metadata={"Date": None})


def _side(one: Measured) -> int:
    return int(one["side"])

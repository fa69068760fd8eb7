"""The command line ``napari-refusion``: fuse, compare, check, cohort, weights, demo, review."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table
from typer.core import TyperGroup

from napari_refusion import __version__
from napari_refusion.cli.check import check
from napari_refusion.cli.cohort import cohort
from napari_refusion.cli.compare import compare
from napari_refusion.cli.fuse import fuse
from napari_refusion.cli.printed import print_any_letter, say, stops_in_words
from napari_refusion.cli.review import app as review_app
from napari_refusion.notice import NOT_FOR_DIAGNOSIS


class _Commands(TyperGroup):
    """Commands that Ctrl+C stops in words wherever they are, also while they import what they need."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as Typer's, whose contexts are of another class in each version
        """Run the command that was named."""
        with stops_in_words(Console(stderr=True)):
            return super().invoke(ctx)


app = typer.Typer(
    cls=_Commands,
    help=f"Fuse co-registered MRI, CT, PET and SPECT with ReFusion. {NOT_FOR_DIAGNOSIS}.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(is_asked: bool) -> None:
    """Print which version this is, and end."""
    if is_asked:
        typer.echo(f"napari-refusion {__version__}")
        raise typer.Exit


@app.callback()
def begin(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Prepare what every command prints with."""
    print_any_letter()


for command in (fuse, compare, check, cohort):
    app.command()(command)

app.add_typer(review_app, name="review")


@app.command()
def weights() -> None:
    """List the installed weights."""
    from napari_refusion.model.tasks import installed_weights
    from napari_refusion.model.weights_files import load_weights

    table = Table(Column("name", no_wrap=True), "sources", Column("dev-test: Qabf, VIF, SSIM", no_wrap=True), "SHA-256")
    for name, path in installed_weights().items():
        found = load_weights(path)
        sets = dict.fromkeys(key.rsplit(" ", 1)[0] for key in found.metrics)
        figures = "\n".join(
            " ".join([f"{one}:", *(_figure(found.metrics, f"{one} {key}") for key in ("qabf", "vif", "ssim_sum"))])
            for one in sets
        )
        table.add_row(name, " + ".join(found.sources), figures, found.sha256[:12])
    Console().print(table)


def _figure(metrics: Mapping[str, float], name: str) -> str:
    """Return a figure with three decimals, a dash where a weights file does not carry it."""
    return f"{metrics[name]:.3f}" if name in metrics else "-"


@app.command()
def demo(
    output: Annotated[Path, typer.Option(help="Folder for the picture and the volume.")] = Path("demo"),
) -> None:
    """Fuse the bundled MRI/PET pair and show it in napari; without a display, save a picture of the same window."""
    from napari_refusion.widgets.demo import run_demo

    console = Console(stderr=True)
    with stops_in_words(console):
        for sentence in run_demo(output):
            say(console, sentence)


if __name__ == "__main__":
    app()

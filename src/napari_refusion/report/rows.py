"""The rows of a report's tables, as the words that its template puts in place."""

import struct
from base64 import b64encode
from typing import Any, Final

from napari_refusion.evidence.check_outcome import CheckOutcome
from napari_refusion.evidence.missed_uptake import MissedUptake, spot_in_words
from napari_refusion.look import CHECKS, LEVELS, VERDICTS
from napari_refusion.numerics.intensity import Window
from napari_refusion.record.case import REASONS, SliceReview
from napari_refusion.record.run import Run, SourceIdentity
from napari_refusion.report.content import Curve, Panel, ReportContent
from napari_refusion.report.plots import curve_plot
from napari_refusion.report.svg import as_uri
from napari_refusion.report.words import duration, findings_in_words, plain_words
from napari_refusion.volume.affine import AXES
from napari_refusion.volume.figures import in_figures
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.probe import place_in_words
from napari_refusion.volume.window_text import window_text

TALLER: Final = 600
"""Pixels, of the projection of a whole body, which stands alone."""

Row = dict[str, Any]
"""Name in the template -> what stands there."""

WIDEST: Final = 680
"""Pixels, width of a picture on an A4 page at 96 to the inch."""

TALLEST: Final = 410
"""Pixels; two of them with their headings fit on a page."""


def check_rows(content: ReportContent) -> list[Row]:
    """Return the checks, each with why it was overridden."""
    plain = plain_words(content)
    return [
        {
            "check": outcome.check,
            "style": CHECKS[outcome.colour].signal.style,
            "result": CHECKS[outcome.colour].printed,
            "value": plain(outcome.value),
            "sentence": plain(outcome.sentence),
            "rule": plain(outcome.rule),
            "reason": content.review.overrides.get(outcome.check, "") if _is_red(outcome) else "",
        }
        for outcome in content.check_outcomes
    ]


def _is_red(outcome: CheckOutcome) -> bool:
    return outcome.colour == "red"


def finding_rows(content: ReportContent) -> list[Row]:
    """Return what was noticed about the files, the pair and the plan."""
    return [_finding_row(one) for one in findings_in_words(content)]


def _finding_row(finding: Finding) -> Row:
    """Return a finding as it is printed; what was not run did not pass."""
    look = CHECKS["not run"] if finding.rule == "evidence" else LEVELS[finding.level]
    return {
        "rule": finding.rule,
        "style": look.signal.style,
        "level": look.printed,
        "value": finding.value,
        "sentence": finding.sentence,
    }


def panel_rows(content: ReportContent) -> list[Row]:
    """Return the pictures with what was said of their slices."""
    return [_panel_row(panel, content) for panel in content.panels]


def _panel_row(panel: Panel, content: ReportContent) -> Row:
    one = content.review.slice(panel.index)
    return {
        "index": panel.index,
        "place": slice_place(content, panel.index),
        "why": panel.why,
        "said": f"{said(one).capitalize()}." if one.verdict else "",
        "caption": one.caption,
        "comment": one.comment,
        **_picture(panel.png, TALLEST),
    }


def lesion_rows(content: ReportContent) -> list[Row]:
    """Return the pictures of lesions."""
    return [
        {"title": one.title, "comment": one.comment, **_picture(one.png, TALLEST)} for one in content.lesions.pictures
    ]


def projection_row(content: ReportContent) -> Row | None:
    """Return the projection with the lesions' numbers, None where there is none."""
    return _picture(content.lesions.projection, TALLER) if content.lesions.projection else None


def _picture(png: bytes, tallest: int) -> Row:
    """Return a picture as it is put into a page, as large as fits."""
    width, height = png_size(png)
    scale = min(WIDEST / width, tallest / height)
    return {
        "width": round(width * scale),
        "height": round(height * scale),
        "picture": "data:image/png;base64," + b64encode(png).decode(),
    }


def png_size(png: bytes) -> tuple[int, int]:
    """Return width and height of a PNG in pixels, from its header chunk (PNG specification, 11.2.2)."""
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def slice_rows(content: ReportContent) -> list[Row]:
    """Return the slices that something is known of beside having been seen, first to last."""
    review, plain = content.review, plain_words(content)
    noted = {index for index, one in review.slices.items() if one.verdict or one.comment or one.is_key}
    rows = []
    for index in sorted(noted | set(content.flagged) | set(content.stale)):
        one = review.slice(index)
        rows.append(
            {
                "index": index,
                "place": slice_place(content, index),
                "style": VERDICTS[one.verdict].signal.style if one.verdict in ("flag", "reject") else "",
                "said": said(one),
                "stale": said(content.stale[index]) if index in content.stale else "",
                "seconds": duration(one.seconds) if one.seconds else "not seen",
                "comment": "\n".join(text for text in (one.caption, one.comment) if text),
                "warnings": [plain(sentence) for sentence in content.flagged.get(index, ())],
            }
        )
    return rows


def said(one: SliceReview) -> str:
    """Return what a reader said of a slice, as ``flagged: saturation, other (see the comment); key image``."""
    reasons = ", ".join(REASONS.get(reason, reason) for reason in one.reasons)
    verdict = VERDICTS[one.verdict].printed if one.verdict in VERDICTS else one.verdict
    words = verdict + (f": {reasons}" if reasons else "")
    return "; ".join(part for part in (words, "key image" if one.is_key else "") if part)


def missed_rows(content: ReportContent) -> list[Row]:
    """Return the peaks that the fused image does not show."""
    return [_missed_row(peak, content) for peak in content.missed]


def _missed_row(peak: MissedUptake, content: ReportContent) -> Row:
    source = content.run.a
    low, high = source.window
    height = f"{in_figures(peak.contrast * (high - low))} {source.unit or 'a.u.'}"
    return {
        "index": peak.index,
        "place": spot_in_words(peak, is_photograph=content.is_photograph),
        "contrast": f"{height} ({100 * peak.contrast:.0f} % of the window)",
        "transfer": f"{100 * peak.transfer:.0f} %" + (", darker than its surroundings" if peak.transfer < 0 else ""),
    }


def plot_rows(curves: tuple[Curve, ...]) -> list[Row]:
    """Return the plots of indicators."""
    return [{"title": curve.title, "picture": as_uri(curve_plot(curve))} for curve in curves]


def slice_place(content: ReportContent, index: int) -> str:
    """Return where a slice lies, as ``S 12.5 mm``; empty for a photograph."""
    if content.is_photograph:
        return ""
    run = content.run
    return place_in_words(run.axis, run.place.position(run.axis, index))


def slice_count(run: Run) -> int:
    """Return the number of slices."""
    return run.grid[AXES[run.axis]]


def window_words(source: SourceIdentity) -> str:
    """Return a source's window with its unit."""
    return window_text(Window(*source.window), source.unit)


def move_words(source: SourceIdentity) -> str:
    """Return how registration moved a source; never the names of volumes, which its record holds, too."""
    if source.move is None:
        return "no: it lies at its position in the file"
    return f"by {source.move['millimetres']:.1f} mm and {source.move['degrees']:.1f} degrees"

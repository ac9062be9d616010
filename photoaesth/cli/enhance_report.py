"""What `enhance` says of photos and their edits."""

from typing import TYPE_CHECKING

import typer

from photoaesth.cli.console import note, plural, print_json, skipped_json
from photoaesth.cli.options import Settings
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.workflows.enhance import Enhanced, EnhanceReport

_LEAST_SHOWN = 0.005


def print_report(settings: Settings, report: "EnhanceReport", *, dry_run: bool) -> None:
    """Print the photos with their edits, and note which were passed over.

    Args:
        settings: whether to print JSON.
        report: what was done.
        dry_run: whether nothing was written.
    """
    note(settings, f"Note: {report.note}." if report.note else "")
    if settings.json:
        print_json(
            {
                "written": [_as_json(photo) for photo in report.enhanced],
                "skipped": skipped_json(report.skipped),
                "resumed": report.resumed,
                "not_better": report.not_better,
                "dry_run": dry_run,
            }
        )
    else:
        for photo in report.enhanced:
            typer.echo(f"{display_path(photo.output or photo.source)}{scores(photo)}")
            typer.echo(f"  {changes(photo)}")
    note_passed_over(settings, report)


def note_passed_over(settings: Settings, report: "EnhanceReport") -> None:
    """Note how many photos have no new copy without anything being wrong."""
    if report.resumed:
        note(settings, f"{plural(report.resumed, 'photo')} had a copy from an earlier run.")
    if report.not_better:
        note(settings, f"{plural(report.not_better, 'photo')} would gain too little.")
    if not (report.enhanced or report.skipped or report.resumed or report.not_better):
        note(settings, "No photo passes these filters.")


def scores(photo: "Enhanced") -> str:
    """Return `  (6.10 to 6.35)`; empty where nobody asked for scores."""
    if photo.score_before is None or photo.score_after is None:
        return ""
    return f"  ({photo.score_before:.2f} to {photo.score_after:.2f})"


def changes(photo: "Enhanced") -> str:
    """Return what is done to a photo, in words."""
    words = [f"{k} {v:+.2f}" for k, v in photo.parameters.items() if abs(v) >= _LEAST_SHOWN]
    geometry = photo.geometry
    if geometry.degrees:
        words.append(f"turned {geometry.degrees:+.1f}°")
    if geometry.scale < 1:
        words.append(f"cropped to {geometry.scale:.0%}")
    nothing = "nothing to improve" if photo.parameters else "colours by the table"
    return ", ".join(words) or nothing


def _as_json(photo: "Enhanced") -> dict[str, object]:
    return {
        "source": display_path(photo.source),
        "output": display_path(photo.output) if photo.output else None,
        "parameters": {name: round(value, 4) for name, value in photo.parameters.items()},
        "degrees": photo.geometry.degrees,
        "scale": photo.geometry.scale,
        "score_before": _rounded(photo.score_before),
        "score_after": _rounded(photo.score_after),
    }


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)

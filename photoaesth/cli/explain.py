"""`photoaesth rank --explain PHOTO`."""

from pathlib import Path

from photoaesth.cli.console import note, print_json
from photoaesth.cli.explain_report import explain_json, print_explanation
from photoaesth.cli.options import Settings
from photoaesth.cli.photo_list import ListFormat
from photoaesth.errors import UsageError


def explain(settings: Settings, photo: Path, format_: ListFormat) -> None:
    """Print why a photo, indexed or not, has its score: as text, or as JSON.

    Raises:
        UsageError: another format was asked for.
    """
    from photoaesth.workflows.explain import explain

    if format_ not in {ListFormat.TABLE, ListFormat.JSON}:
        raise UsageError("--explain prints text, or JSON with --json; it is no list of photos")
    report = explain(settings.library, settings.profile, photo)
    note(settings, f"Note: {report.note}." if report.note else "")
    if format_ is ListFormat.JSON:
        print_json(explain_json(report))
    else:
        print_explanation(report)

"""What the `xmp` commands say: lines for people, JSON for programs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from photoaesth.cli.console import plural, skipped_json
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.workflows.xmp import (
        LastWrite,
        UndoReport,
        WritePlan,
        WriteReport,
        XmpImportReport,
    )

_SHOWN = 10


def plan_lines(plan: "WritePlan", *, names: bool) -> list[str]:
    """Return what a write would do, for people; with the first files by name if wanted."""
    made = sum(write.seen is None and not write.embedded for write in plan.writes)
    say = "says" if plan.unchanged == 1 else "say"
    if not plan.writes:
        same = f": {plural(plan.unchanged, 'file')} {say} it all already" if plan.unchanged else ""
        lines = [f"Nothing to write{same}."]
    else:
        count = f"{plural(len(plan.writes), 'file')} to write, {made:,} of them new"
        same = f"; {plan.unchanged:,} {say} it all already" if plan.unchanged else ""
        lines = [f"{count}, for {plural(plan.photos, 'photo')}{same}."]
    lines += [
        f"  {_stars(stars):<8} {plural(count, 'photo')}"
        for stars, count in sorted(plan.stars.items(), reverse=True)
    ]
    if plan.kept:
        lines.append(f"  {plural(plan.kept, 'photo')} with stars or a label of yours: kept")
    if names:
        for write in plan.writes[:_SHOWN]:
            rating = write.wanted.rating
            stars = "" if rating is None else f"  {_stars(rating)}"
            lines.append(f"  {display_path(write.path)}{stars}")
        if len(plan.writes) > _SHOWN:
            lines.append(f"  … and {len(plan.writes) - _SHOWN:,} more; --json names them all")
    return lines


def _stars(rating: int) -> str:
    return "rejected" if rating < 0 else "★" * rating


def write_json(plan: "WritePlan", report: "WriteReport | None") -> dict[str, Any]:
    """Return the JSON shape of a write; of a plan alone where there is no report."""
    written = {write.path for write in plan.writes} if report is None else set(report.written)
    return {
        "dry_run": report is None,
        "photos": plan.photos,
        "written": 0 if report is None else len(report.written),
        "unchanged": plan.unchanged,
        "kept": plan.kept,
        "stars": {str(stars): count for stars, count in sorted(plan.stars.items())},
        "files": [
            {
                "path": display_path(write.path),
                "photo": display_path(write.file.path),
                "embedded": write.embedded,
                "new": write.seen is None and not write.embedded,
                "stars": write.wanted.rating,
                "label": write.wanted.label,
                "score": write.wanted.score,
                "keywords": list(write.wanted.keywords or ()),
            }
            for write in plan.writes
            if write.path in written
        ],
        "skipped": skipped_json((plan if report is None else report).skipped),
    }


def import_lines(
    report: "XmpImportReport", *, all_conflicts: bool
) -> tuple[list[str], Sequence[str]]:
    """Return what an import did, for people, and where programs disagree."""
    parts = [f"Imported {plural(report.imported, 'rating')} from {plural(report.photos, 'photo')}"]
    parts += [f"{report.known:,} known already"] * bool(report.known)
    newer = "newer one" if report.kept == 1 else "newer ones"
    parts += [f"{report.kept:,} {newer} given here kept"] * bool(report.kept)
    parts += [f"{report.ours:,} that photoaesth wrote passed over"] * bool(report.ours)
    lines = [f"{'; '.join(parts)}."]
    if report.keywords:
        lines.append(f"Keywords of {plural(report.keywords, 'photo')} are new.")
    if not report.imported and not report.keywords:
        lines.append("Nothing is new.")
    shown = report.conflicts if all_conflicts else report.conflicts[:_SHOWN]
    conflicts = [f"{plural(len(report.conflicts), 'photo')} rated differently:"] * bool(shown)
    for conflict in shown:
        taken, *others = conflict.opinions
        rest = ", ".join(f"{other.stars} in {display_path(other.path)}" for other in others)
        conflicts.append(f"  took {taken.stars} of {display_path(taken.path)}, not {rest}")
    if len(shown) < len(report.conflicts):
        more = len(report.conflicts) - len(shown)
        conflicts.append(f"  … and {more:,} more; --verbose names them all")
    return lines, conflicts


def import_json(report: "XmpImportReport") -> dict[str, Any]:
    """Return the JSON shape of an import."""
    return {
        "photos": report.photos,
        "imported": report.imported,
        "known": report.known,
        "kept": report.kept,
        "ours": report.ours,
        "keywords": report.keywords,
        "conflicts": [
            {
                "photo": display_path(conflict.photo),
                "taken": conflict.opinions[0].stars,
                "opinions": [
                    {
                        "path": display_path(opinion.path),
                        "stars": opinion.stars,
                        "at": opinion.at.isoformat(),
                    }
                    for opinion in conflict.opinions
                ],
            }
            for conflict in report.conflicts
        ],
        "skipped": skipped_json(report.skipped),
    }


def undo_line(report: "UndoReport") -> str:
    """Return what an undo did, for people."""
    parts = [f"Restored {plural(len(report.restored), 'file')}"]
    were = "was" if len(report.removed) == 1 else "were"
    parts += [f"removed {len(report.removed):,} that {were} new"] * bool(report.removed)
    parts += [f"took our words out of {len(report.merged):,} changed since"] * bool(report.merged)
    parts += [f"{report.untouched:,} needed nothing"] * bool(report.untouched)
    end = "." if report.complete else ". Run it again when the rest can be written."
    return f"{', '.join(parts)}{end}"


def undo_json(last: "LastWrite | None", report: "UndoReport") -> dict[str, Any]:
    """Return the JSON shape of an undo."""
    return {
        "written_at": last.created_at if last else None,
        "restored": [display_path(path) for path in report.restored],
        "removed": [display_path(path) for path in report.removed],
        "merged": [display_path(path) for path in report.merged],
        "untouched": report.untouched,
        "complete": report.complete,
        "skipped": skipped_json(report.skipped),
    }

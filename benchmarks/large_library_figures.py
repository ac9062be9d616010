"""What the program's commands take on a large library.

    python benchmarks/large_library.py LIBRARY
    python benchmarks/large_library_figures.py LIBRARY [RUNS]

Every command is a process of its own; its time includes Python's start. The commands are run in
turn, RUNS times over (default 5), and the least time of each counts: whatever else the machine
does only adds to it. The library stays as it is, but that `me` learns anew, twice, and that the
profile `asked` skips questions.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photoaesth.domain import Outcome
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.learning.personal_fit import Evidence, fit_personal
from photoaesth.library import comparisons, models
from photoaesth.library.database import open_library

_QUICK = {
    "`status`": ["status"],
    "`rank --top 50`": ["rank", "--top", "50"],
    "… `--under` a folder of 240": ["rank", "--top", "50", "--under", "FOLDER"],
    "… `--since` the last day": ["rank", "--top", "50", "--since", "LAST"],
    "… `--since` the middle": ["rank", "--top", "50", "--since", "MIDDLE"],
    "… `--camera`, one of six": ["rank", "--top", "50", "--camera", "x-t4"],
    "… `--camera` of no photo": ["rank", "--top", "50", "--camera", "hasselblad"],
    "… `--lens` of no photo": ["rank", "--top", "50", "--lens", "hasselblad"],
    "… `--diverse`": ["rank", "--top", "50", "--diverse"],
    "… `--uncertain`": ["rank", "--top", "50", "--uncertain"],
    "`rank --per day 3`": ["rank", "--per", "day", "3"],
    "`rank --per folder 3`": ["rank", "--per", "folder", "3"],
}
_QUESTIONS = 60


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took.

    Attributes:
        seconds: wall-clock time.
        processor_s: time of all processors.
        megabytes: peak resident memory.
    """

    seconds: float
    processor_s: float
    megabytes: float


def main() -> None:
    """Measure and print the table."""
    library = Path(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    words = _words(library)
    photoaesth = ["-m", "photoaesth", "--library", str(library)]
    costs: dict[str, list[Cost]] = {}

    def measure(name: str, arguments: Sequence[str]) -> None:
        costs.setdefault(name, []).append(_run(arguments))

    _run([*photoaesth, "rank", "--top", "1"])  # generic scores, if there are none
    for _ in range(2):
        learn(library)
        measure("`rank --top 50`, all scored anew", [*photoaesth, "rank", "--top", "50"])
    for _ in range(runs):
        for name, arguments in _QUICK.items():
            measure(name, [*photoaesth, *(words.get(word, word) for word in arguments)])
        measure("`compare`, to the first question", [__file__, str(library), "ask", "1"])
        measure(f"… and {_QUESTIONS} more", [__file__, str(library), "ask", str(1 + _QUESTIONS)])
    _print(costs)
    first, more = (min(cost.seconds for cost in list(costs.values())[n]) for n in (-2, -1))
    print(f"\nA next question: {1000 * (more - first) / _QUESTIONS:.0f} ms, answer stored.")
    with open_library(library) as opened:
        query = "SELECT count(*), (SELECT count(DISTINCT model_id) FROM scores) FROM photos"
        count, scored = opened.connection.execute(query).fetchone()
    size = library.stat().st_size / count
    print(f"{count:,} photos, {size:,.0f} bytes each, with the scores of {scored} models.")


def learn(path: Path) -> None:
    """Keep a personal model of what `me` chose, whether or not it pays; nothing is scored yet."""
    crowd = load_crowd_model()
    with open_library(path) as library:
        profile = comparisons.profile_id(library, "me")
        said = comparisons.comparisons(library, profile)
        ids = sorted({photo for answer in said for photo in (answer.left, answer.right)})
        vectors = models.embeddings_of(library, ids, crowd.embedding_name)
        rows = {photo: row for row, photo in enumerate(ids)}
        left = np.array([rows[answer.left] for answer in said])
        right = np.array([rows[answer.right] for answer in said])
        outcomes = np.array([answer.outcome is Outcome.LEFT for answer in said], np.float64)
        evidence = Evidence(left, right, outcomes, np.ones(len(said)))
        head = fit_personal(crowd, np.stack([vectors[photo] for photo in ids]), evidence)
        models.add_model(
            library, profile, crowd.name, method="personal", kept="personal", head=head.to_bytes()
        )


def ask(path: Path, questions: int) -> None:
    """Put questions as `compare` does, each skipped but for the last.

    The photos have no files, so that one picture stands for the thumbnails of all.
    """
    from PIL import Image

    from photoaesth.imaging import thumbnail
    from photoaesth.workflows import compare

    picture = thumbnail(Image.radial_gradient("L").convert("RGB").resize((768, 512)))
    compare.photo_thumbnail = lambda photo: picture  # type: ignore[attr-defined]
    with compare.compare_session(path, "asked", seed=time.time_ns()) as session:
        for _ in range(questions - 1):
            question = session.next()
            assert question is not None
            session.answer(question, Outcome.SKIP)
        assert session.next() is not None


def _run(arguments: Sequence[str]) -> Cost:
    """Run Python as a process; return what it took."""
    started = time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, *arguments], **quiet)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"python {' '.join(arguments)} failed")
    seconds = time.perf_counter() - started
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _words(path: Path) -> dict[str, str]:
    """Return the last day on which photos were taken, the middle one, and that one's folder."""
    query = "SELECT taken_at FROM photos WHERE id = (SELECT max(id) FROM photos) / ?"
    with open_library(path) as library:
        last, middle = (
            library.connection.execute(query, (part,)).fetchone()[0][:10] for part in (1, 2)
        )
    return {"LAST": last, "MIDDLE": middle, "FOLDER": f"/photos/{middle[:4]}/{middle}"}


def _print(costs: Mapping[str, Sequence[Cost]]) -> None:
    print("| command | seconds | processor seconds | memory, MB |\n|---|--:|--:|--:|")
    for name, runs in costs.items():
        least = min(runs, key=lambda cost: cost.seconds)
        memory = max(cost.megabytes for cost in runs)
        print(f"| {name} | {least.seconds:.2f} | {least.processor_s:.2f} | {memory:.0f} |")


if __name__ == "__main__":
    if len(sys.argv) == 4:
        ask(Path(sys.argv[1]), int(sys.argv[3]))
    else:
        main()

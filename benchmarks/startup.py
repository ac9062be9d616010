"""How long the program takes to say something, beside Python's own start.

    python benchmarks/startup.py [RUNS]

Every command is run in turn, RUNS times over (default 20), so that a change in the machine's
load hits all alike. Times are in ms; the ratio is that of the medians to `python -c pass`.
"""

import statistics
import subprocess
import sys
import time

_COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import typer": ["-c", "import typer"],
    "photoaesth --version": ["-m", "photoaesth", "--version"],
    "photoaesth --help": ["-m", "photoaesth", "--help"],
    "photoaesth index --help": ["-m", "photoaesth", "index", "--help"],
}


def main() -> None:
    """Measure and print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    times_ms: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    for _ in range(runs + 1):  # the first round fills the caches
        for name, arguments in _COMMANDS.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
            times_ms[name].append(1000 * (time.perf_counter() - started))
    base = statistics.median(times_ms["python -c pass"][1:])
    print("| command | median ms | min | max | ratio |\n| --- | --: | --: | --: | --: |")
    for name, (_, *times) in times_ms.items():
        median = statistics.median(times)
        figures = f"{median:.0f} | {min(times):.0f} | {max(times):.0f} | {median / base:.1f}"
        print(f"| {name} | {figures} |")


if __name__ == "__main__":
    main()

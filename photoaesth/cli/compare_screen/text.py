"""Text that takes exactly as many character cells as it is given."""

from collections.abc import Sequence

from photoaesth.files import display_path

BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def printable(text: str) -> str:
    """Return a text that cannot command the terminal; what would is shown as what it is."""
    return display_path(text.encode("utf-8", "surrogatepass"))


def shorten(text: str, columns: int, tail: int = 0) -> str:
    """Return printable text of at most `columns` cells; "…" stands for what is cut out.

    Args:
        text: anything, also what would command the terminal.
        columns: cells to fit into.
        tail: cells kept of the end: files are told apart by the end of their names.
    """
    from rich.cells import cell_len, set_cell_size

    text = printable(text)
    if cell_len(text) <= columns:
        return text
    end = text[-tail:] if tail else ""
    while cell_len(end) > tail:
        end = end[1:]
    return set_cell_size(text, max(0, columns - 1 - cell_len(end))) + "…" + end


def centred(text: str, columns: int, style: str, tail: int = 0) -> str:
    """Return `text` in the middle of exactly `columns` cells."""
    from rich.cells import cell_len

    text = shorten(text, columns, tail)
    spare = columns - cell_len(text)
    return " " * (spare // 2) + f"{style}{text}{PLAIN}" + " " * (spare - spare // 2)


def table(pairs: Sequence[tuple[str, str]], columns: int) -> list[str]:
    """Return labels and values below each other, every line exactly `columns` cells wide."""
    from rich.cells import cell_len, set_cell_size

    labels = max((cell_len(printable(label)) for label, _ in pairs), default=0)
    labels = min(labels, columns // 2)
    values = max(0, columns - labels - 2)
    lines = []
    for label, value in pairs:
        name = set_cell_size(shorten(label, labels), labels)
        said = set_cell_size(shorten(value, values, tail=values // 2), values)
        lines.append(f"{DIM}{name}{PLAIN}  {said}")
    return lines


def parts_that_fit(sentence: str, columns: int) -> str:
    """Return as many of the parts of "… · …" as fit whole, the last ones first.

    A sentence of which no part fits is returned whole.
    """
    from rich.cells import cell_len

    rest = sentence
    while cell_len(rest) > columns and " · " in rest:
        rest = rest.partition(" · ")[2]
    return rest if cell_len(rest) <= columns else sentence

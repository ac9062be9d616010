"""The pictures in the terminal's memory."""

from collections.abc import Sequence

from photoaesth.graphics.picture import Upload

_PIECES_AT_ONCE = 15  # of kitty's: 62 kB, 6 ms for a terminal that reads 10 MB/s


class Memory:
    """Says what to write so that the terminal has pictures, and has them no more.

    What a method returns has to be written before the next one is called.
    """

    def __init__(self) -> None:
        self._held: list[Upload] = []
        self._begun: Upload | None = None
        self._written = 0  # pieces of the one that is begun

    def bring(self, uploads: Sequence[Upload]) -> str:
        """Return all that is missing of some pictures."""
        return "".join(iter(lambda: self.bring_some(uploads), ""))

    def bring_some(self, uploads: Sequence[Upload]) -> str:
        """Return the next part of what is missing of some pictures; "" when nothing is."""
        missing = next((upload for upload in uploads if upload not in self._held), None)
        if missing is None:
            return ""
        cancelled = "" if self._begun is missing else self._cancel()
        self._begun = missing
        part = missing.pieces[self._written : self._written + _PIECES_AT_ONCE]
        self._written += len(part)
        if self._written == len(missing.pieces):
            self._held.append(missing)
            self._begun, self._written = None, 0
        return cancelled + "".join(part)

    def keep_only(self, uploads: Sequence[Upload]) -> str:
        """Return what deletes all other pictures.

        Args:
            uploads: pictures that are on the screen; others might be deleted with the rest.
        """
        cancelled = self._cancel() if self._begun not in uploads else ""
        deleted = "".join(upload.delete for upload in self._held if upload not in uploads)
        self._held = [upload for upload in self._held if upload in uploads]
        return cancelled + deleted

    def _cancel(self) -> str:
        begun, self._begun, self._written = self._begun, None, 0
        return begun.cancel if begun else ""

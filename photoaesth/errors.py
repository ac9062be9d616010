"""What can go wrong, said in one line that names the thing, the place and the way out."""


class PhotoaesthError(Exception):
    """A failure the user can understand; `str(error)` is the one line they see.

    Attributes:
        exit_code: what the process ends with when nobody handles it.
    """

    exit_code = 1


class UsageError(PhotoaesthError):
    """The command was asked for something that makes no sense as written."""

    exit_code = 2


class UnreadableImageError(PhotoaesthError):
    """A file that should be a picture cannot be decoded; the message is the reason alone.

    The caller knows the path and names it; the reason reads well after a colon
    (`IMG_1.jpg: the file is cut off`).
    """


class LibraryError(PhotoaesthError):
    """The library file cannot be used as it is."""


class NothingToIndexError(PhotoaesthError):
    """Folders are absent, a drive most likely, or hold no photos; that may change."""

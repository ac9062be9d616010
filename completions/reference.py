"""What the man page and the command reference say of the program as a whole."""

EXIT_CODES = {
    "0": "Done.",
    "1": "Failed. One line on standard error says what, where and what to do.",
    "2": "Wrong usage.",
    "3": "Done, but some photos were skipped. Standard error names them, each with a reason.",
    "130": "Interrupted. What was finished is kept, and the same command carries on.",
}

ENVIRONMENT = {
    "PHOTOAESTH_LIBRARY": "The library file, unless --library names one.",
    "NO_COLOR": "If set and not empty, nothing is in colour; compare draws photos in ASCII.",
    "PHOTOAESTH_TRACEBACK": "If set and not empty, a failure prints a Python traceback as well.",
}

FILES = {
    "~/.local/share/photoaesth/library.db": (
        "The library. On macOS it is in ~/Library/Application Support/photoaesth, on Windows in "
        "%LOCALAPPDATA%\\photoaesth; XDG_DATA_HOME is honoured."
    ),
    "~/.cache/photoaesth/thumbnails": (
        "Thumbnails, which are made again when they are missing. On macOS they are in "
        "~/Library/Caches/photoaesth, on Windows in %LOCALAPPDATA%\\photoaesth\\Cache; "
        "XDG_CACHE_HOME is honoured."
    ),
    ".photoaesthignore": (
        "In a folder of photos: patterns, as in .gitignore, of what index passes over there and "
        "below."
    ),
    "IMG.xmp, IMG.CR2.xmp": (
        "Sidecars, which other programs share. xmp import reads them; only xmp write and xmp undo "
        "write them."
    ),
}

"""Stars, labels and keywords to and from the sidecars of other programs."""

from photoaesth.library.filters import PhotoFilter
from photoaesth.workflows.xmp.importing import XmpImportReport, import_xmp
from photoaesth.workflows.xmp.options import WriteOptions
from photoaesth.workflows.xmp.planning import WritePlan, plan_write
from photoaesth.workflows.xmp.undo import LastWrite, UndoReport, last_write, undo
from photoaesth.workflows.xmp.writing import WriteReport, write

__all__ = [
    "LastWrite",
    "PhotoFilter",
    "UndoReport",
    "WriteOptions",
    "WritePlan",
    "WriteReport",
    "XmpImportReport",
    "import_xmp",
    "last_write",
    "plan_write",
    "undo",
    "write",
]

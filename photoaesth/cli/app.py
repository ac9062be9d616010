"""The command tree, and the one place where errors become a line and an exit code."""

import errno
import os
import sys
import traceback
from typing import Any

import typer

from photoaesth.cli import (
    albums,
    backup,
    compare,
    comparisons,
    demo,
    doctor,
    enhance,
    evaluate,
    index,
    models,
    profiles,
    rank,
    reference,
    rerank,
    retouch,
    score,
    status,
    taste,
    train,
    xmp,
)
from photoaesth.cli.help import Group
from photoaesth.cli.options import Settings, global_options
from photoaesth.errors import PhotoaesthError

INTERRUPTED = 130
_OVERVIEW = """Learn a photographer's taste from A/B choices and apply it to their photos.

\b
A first session:
  photoaesth index ~/Pictures
  photoaesth compare
  photoaesth train
  photoaesth rank --top 20

No photos at hand? Watch it work on drawn ones.

Example: photoaesth demo
"""


class Commands(Group):
    """The program: its commands' failures end in one line."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except PhotoaesthError as error:
            _say(str(error))
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            _say("interrupted; what was finished is kept, the same command carries on")
            raise typer.Exit(INTERRUPTED) from error
        except BrokenPipeError as error:
            # The reader (head, less) has seen enough. Python would complain once more at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from error
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES}:
                raise
            where = f" {error.filename}" if error.filename else ""
            _say(f"cannot write{where}: {error.strerror}; make room or choose another place")
            raise typer.Exit(1) from error


def _say(message: str) -> None:
    typer.echo(f"photoaesth: {message}", err=True)
    if os.environ.get("PHOTOAESTH_TRACEBACK"):
        traceback.print_exc()


app = typer.Typer(
    name="photoaesth",
    cls=Commands,
    help=_OVERVIEW,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
@global_options
def _photoaesth(settings: Settings) -> None:
    pass


for module in (index, status, compare, train, rank, score, enhance):
    module.register(app)
app.add_typer(retouch.app, name="retouch")
rerank.register(app)
app.add_typer(taste.app, name="taste")
app.add_typer(albums.app, name="albums")
app.add_typer(comparisons.app, name="comparisons")
app.add_typer(profiles.app, name="profiles")
backup.register(app)
app.add_typer(xmp.app, name="xmp")
app.add_typer(models.app, name="models")
app.add_typer(reference.app, name="reference")
for module in (evaluate, demo, doctor):
    module.register(app)

"""The average look of a run, as files for other runs and other programs."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean

from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path
from photoaesth.workflows.enhance.options import Enhanced, EnhanceOptions


def check_targets(targets: Sequence[Path | None], *, overwrite: bool) -> None:
    """See to it that files can be written, before any work is done.

    Raises:
        PhotoaesthError: one exists and `overwrite` is false, or its folder does not, or nothing
            may be written there.
    """
    for target in targets:
        if target is None:
            continue
        name, folder = display_path(target), target.absolute().parent
        if target.is_dir():
            raise PhotoaesthError(f"cannot write {name}: it is a folder")
        if target.exists() and not overwrite:
            raise PhotoaesthError(_taken(target))
        if not folder.is_dir():
            raise PhotoaesthError(
                f"cannot write {name}: there is no folder {display_path(folder)}; make it first"
            )
        if not os.access(folder, os.W_OK):
            raise PhotoaesthError(f"cannot write {name}: its folder is read-only")


def write_exports(enhanced: Sequence[Enhanced], options: EnhanceOptions, *, title: str) -> None:
    """Write the average look of some photos to the files that were asked for.

    Args:
        enhanced: one or more.
        options: where to write what.
        title: what programs show for the `.cube` file.

    Raises:
        PhotoaesthError: a file appeared meanwhile, or the disk refuses it.
    """
    from photoaesth.enhance.lut import write_cube
    from photoaesth.enhance.parameters import write_parameters

    look = _average([photo.parameters for photo in enhanced])
    if options.cube is not None:
        _write(partial(write_cube, title=title), options.cube, look, options)
    if options.parameters is not None:
        _write(write_parameters, options.parameters, look, options)


def _write(
    write: Callable[..., None], target: Path, look: Mapping[str, float], options: EnhanceOptions
) -> None:
    try:
        write(target, look, overwrite=options.overwrite)
    except FileExistsError as error:
        raise PhotoaesthError(_taken(target)) from error


def _taken(target: Path) -> str:
    return f"{display_path(target)} exists; choose another name or add --overwrite"


def _average(looks: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each parameter; in all of them the same are named."""
    return {
        name: round(fmean(look[name] for look in looks), 6)  # as `to_mapping` does
        for name in looks[0]
    }

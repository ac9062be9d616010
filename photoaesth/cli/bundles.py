"""Options that several commands share and that make one value together."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from photoaesth.cli.options import Settings

Decorated = Callable[[Callable[..., None]], Callable[..., None]]


def bundle(
    name: str, options: Mapping[str, tuple[Any, Any]], make: Callable[..., Any]
) -> Decorated:
    """Return a decorator that puts options in the place of one parameter of a command.

    It stands below `global_options`: the settings are the command's first argument.

    Args:
        name: of the parameter.
        options: annotation and default of each option, by the name of its parameter.
        make: returns the value of the parameter; called with the settings and the options.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        settings, *others = inspect.signature(function).parameters.values()
        parameters = [settings]
        for parameter in others:
            shared = options.items() if parameter.name == name else ()
            parameters += [_parameter(*option) for option in shared]
            if parameter.name != name:
                parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

        @functools.wraps(function)
        def run(settings: Settings, **values: Any) -> None:
            given = {option: values.pop(option) for option in options}
            function(settings, **values, **{name: make(settings, **given)})

        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return run

    return decorate


def _parameter(name: str, option: tuple[Any, Any]) -> inspect.Parameter:
    annotation, default = option
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )

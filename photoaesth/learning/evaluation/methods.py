"""The methods that can be evaluated, by name; they load only when one is asked for."""

from importlib import import_module

from photoaesth.errors import UsageError
from photoaesth.learning.evaluation.method import Method

# Each holds `METHODS`, its methods by name.
_MODULES = ("ours", "baselines", "finetune", "published")


def known_methods() -> dict[str, Method]:
    """Return every method by name."""
    known: dict[str, Method] = {}
    for module in _MODULES:
        known |= import_module(f"photoaesth.learning.evaluation.{module}").METHODS
    return known


def find_method(name: str) -> Method:
    """Return a method.

    Raises:
        UsageError: no method has this name.
    """
    known = known_methods()
    if name not in known:
        raise UsageError(f"no method {name!r}; choose among {', '.join(known)}")
    return known[name]

"""The parameters of the registry as a photographer sees them: sliders in families."""

from dataclasses import dataclass
from functools import cache

from photoaesth.enhance.operations import REGISTRY

# As a photographer goes about it. The registry's own order is that in which operations run.
_FAMILIES = ("light", "color", "tone")


@dataclass(frozen=True, slots=True)
class Control:
    """One slider.

    Attributes:
        name: of the parameter.
        family: what it changes: light, color, tone, …
        unit: what one unit of it means.
        low: the least value.
        high: the greatest.
        identity: the value at which it changes nothing.
        description: what raising it does.
    """

    name: str
    family: str
    unit: str
    low: float
    high: float
    identity: float
    description: str


@cache
def controls() -> tuple[Control, ...]:
    """Return a slider for each parameter of the registry, those of a family together."""
    found = [
        Control(
            parameter.name,
            operation.family,
            parameter.unit,
            parameter.low,
            parameter.high,
            parameter.identity,
            parameter.description,
        )
        for operation in REGISTRY
        for parameter in operation.parameters
    ]
    families = [*_FAMILIES, *dict.fromkeys(control.family for control in found)]
    return tuple(sorted(found, key=lambda control: families.index(control.family)))


def changed(parameters: dict[str, float]) -> dict[str, float]:
    """Return those of the parameters that are not at their identity."""
    identity = {control.name: control.identity for control in controls()}
    return {name: value for name, value in parameters.items() if value != identity.get(name)}

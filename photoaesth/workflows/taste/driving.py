"""What raises and lowers scores, for the report."""

from photoaesth.attributes import ATTRIBUTES
from photoaesth.learning.drivers import FEWEST_PHOTOS, Drivers, Scale, drivers
from photoaesth.learning.liking import likings
from photoaesth.workflows.taste.ground import Ground, Opinion, Vector
from photoaesth.workflows.taste.labels import estimates
from photoaesth.workflows.taste.pairs import Pairs
from photoaesth.workflows.taste.report import AttributeDriver, Driving, Estimate

FEWEST_CHOICES = 30
"""With fewer, choices alone tell nothing of attributes."""


def drivers_on(ground: Ground, scores: Vector, covariance: Vector) -> Drivers:
    """Return what drives scores.

    Args:
        ground: the photos; the sample stands for all.
        scores: `(N,)` points: scores, or differences of scores.
        covariance: `(L, L)` of what is not known of them, between the photos looked at.
    """
    places = ground.places(ground.sample)
    return drivers(
        ground.table.values[ground.sample],
        scores[ground.sample],
        covariance[places[:, None], places],
        scale=ground.scale,
    )


def driving(ground: Ground, opinion: Opinion, pairs: Pairs) -> Driving | None:
    """Return what drives a profile's scores and choices; None for too few photos to tell."""
    if len(ground.sample) < FEWEST_PHOTOS:
        return None
    found = drivers_on(ground, opinion.scores, opinion.covariance)
    beyond = None
    if opinion.model.personal:
        gaps = opinion.scores - ground.generic
        beyond = by_attribute(drivers_on(ground, gaps, opinion.covariance))
    effects = by_attribute(found)
    chosen = _by_choices(pairs, found.scale, opinion.model.crowd.taste.choice_slope)
    attributes = [
        AttributeDriver(
            name=attribute.name,
            title=attribute.title,
            low=attribute.low,
            high=attribute.high,
            effect=effects[attribute.name],
            beyond=beyond[attribute.name] if beyond else None,
            chosen=chosen[attribute.name] if chosen else None,
        )
        for attribute in ATTRIBUTES
        if attribute.name in effects
    ]
    attributes.sort(key=lambda driver: -abs(driver.effect.value))
    return Driving(tuple(attributes), found.explained, len(ground.sample))


def by_attribute(found: Drivers) -> dict[str, Estimate]:
    """Return the effects by the attributes' keys; those that do not vary are left out."""
    return _named(found.scale, found.effects, found.sds)


def _by_choices(pairs: Pairs, scale: Scale, slope: float) -> dict[str, Estimate] | None:
    if len(pairs) < FEWEST_CHOICES:
        return None
    standard = scale.standardise(pairs.looks.values)
    found = likings(standard[pairs.chosen] - standard[pairs.rejected])
    return _named(scale, found.logits / slope, found.sds / slope)


def _named(scale: Scale, values: Vector, sds: Vector) -> dict[str, Estimate]:
    varied = scale.spreads > 0
    names = [each.name for each, varies in zip(ATTRIBUTES, varied, strict=True) if varies]
    return dict(zip(names, estimates(values[varied], sds[varied]), strict=True))

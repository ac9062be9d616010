"""What `photoaesth train --method policies` says of the two policies."""

from typing import TYPE_CHECKING

from photoaesth.cli.console import plural

if TYPE_CHECKING:
    from photoaesth.workflows.policies.report import PoliciesReport


def policies_lines(report: "PoliciesReport") -> list[str]:
    """Return what was measured and decided, line by line."""
    retouched, orders = plural(report.retouches, "retouched photo"), plural(report.orders, "order")
    lines = [f"Policies from {retouched} and {orders}."]
    if report.rounds:
        lines.append(f"  {'held out':8} {'ΔE2000':>8} {'reward':>8} {'τ':>8}")
    for one in report.rounds:
        figures = " ".join(_number(value) for value in (one.delta_e, one.reward, one.tau))
        lines.append(f"  {f'round {one.round}':8} {figures}")
    return [*lines, _enhancement(report), _ranking(report)]


def _number(value: float | None) -> str:
    return f"{'–':>8}" if value is None else f"{value:8.2f}"


def _enhancement(report: "PoliciesReport") -> str:
    from photoaesth.workflows.policies.report import FEWEST_RETOUCHES

    found = report.enhancement
    if found is None:
        return (
            f"Too few retouches for an enhancement policy: {report.retouches} of "
            f"{FEWEST_RETOUCHES}; make more with: photoaesth retouch"
        )
    verdict = "enhance follows it" if report.enhancement_kept else "it is not used"
    return (
        f"The enhancement policy comes within {found.policy:.1f} ΔE2000 of your edits, enhance "
        f"without it {found.without:.1f}, no edit {found.untouched:.1f}: {verdict}."
    )


def _ranking(report: "PoliciesReport") -> str:
    from photoaesth.workflows.policies.report import FEWEST_ORDERS

    found = report.ranking
    if found is None:
        return (
            f"Too few orders for a ranking policy: {report.orders} of {FEWEST_ORDERS}; "
            "make more with: photoaesth rerank"
        )
    verdict = "rank follows it" if report.ranking_kept else "it is not used"
    return (
        f"The ranking policy agrees with your orders to τ {found.policy:.2f}, the model without "
        f"it to {found.without:.2f}: {verdict}."
    )

"""Learn a profile's taste from what it said, and measure it on what was held out."""

import contextlib
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.crowd import CrowdModel, load_crowd_model
from photoaesth.learning.heldout import Agreement, split_by_time
from photoaesth.learning.outlook import Consistency, Outlook, consistency, outlook
from photoaesth.learning.personal import PersonalHead, prior
from photoaesth.library import comparisons, models
from photoaesth.library.database import Library, open_library
from photoaesth.workflows.evidence import Said, gather
from photoaesth.workflows.finetune import (
    FinetuneRequest,
    Finetuning,
    Progress,
    usable_reference,
)
from photoaesth.workflows.personal import Floats, HeldOut, PersonalLearner
from photoaesth.workflows.policies.report import PoliciesReport
from photoaesth.workflows.profile_model import ENOUGH_CHOICES, profile_model, score_all

Method = Literal["auto", "personal", "finetune", "policies"]

_GIVES_WAY = "the ranking policy takes the place of the fine-tuned network"


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What training used, found and decided.

    Attributes:
        method: what was fitted: `personal`, or `finetune` or `policies` when these were as well.
        direct: choices and ties used.
        inferred: rankings that follow from the choices.
        conflicts: pairs of photos that the choices disagree about.
        ratings: rated photos used.
        unusable: answers about photos that have no embedding, left out.
        heldout: agreement with choices that the tested models had not seen, or, where there are
            only ratings, with the order of photos that these imply; None when there is too little
            to hold any out.
        evenly: whether the pairs of `heldout` were all drawn evenly. Those that `compare` chose
            because their answer was in doubt are harder than any pair would be.
        finetune: the same as `heldout`, with the fine-tuned network in the place of the personal
            model; None when none was fitted or nothing could be held out.
        new_photos: whether the photos of held-out pairs were new to the tested models, as most of
            the library is; else only the pairs were.
        consistency: the profile's agreement with itself; None without repeated pairs.
        outlook: how much more choices would help; None when there are too few to judge.
        kept: the model in use from now on, `personal`, `finetune`, `policies` (the ranking
            policy) or `generic`.
        early: whether there are too few choices to judge.
        scored: how many photos were scored anew.
        note: one line for the user when no network could be fitted, or one gave way to the ranking
            policy; empty otherwise.
        policies: what became of the policies; None when they were not trained.
    """

    method: str
    direct: int
    inferred: int
    conflicts: int
    ratings: int
    unusable: int
    heldout: Agreement | None
    evenly: bool
    finetune: Agreement | None
    new_photos: bool
    consistency: Consistency | None
    outlook: Outlook | None
    kept: str
    early: bool
    scored: int
    note: str
    policies: PoliciesReport | None = None


def train(
    library_path: Path,
    profile: str,
    *,
    method: Method = "auto",
    finetune: FinetuneRequest | None = None,
    device: str = "auto",
    seed: int = 0,
    on_progress: Progress = lambda task, done, total: None,
) -> TrainReport:
    """Fit the profile's model, keep it if it predicts better, and rescore the library.

    Args:
        library_path: the library.
        profile: whose taste.
        method: `auto` fits the personal model and, with a CUDA device, a reference set that has
            its images and enough choices to judge by, a network too. What predicts best is kept.
            `policies` fits the personal model, and policies to retouches and orders.
        finetune: how a network is fitted.
        device: where a network is fitted; the personal model needs none.
        seed: decides what is held out together, and what the training of a network draws.
        on_progress: told how far a network is.

    Raises:
        PhotoaesthError: the profile has neither chosen nor rated anything yet, or a network or
            policies were asked for and cannot be fitted.
    """
    if method == "policies":
        return _train_policies(library_path, profile, device, seed, on_progress)
    with open_library(library_path) as library:
        crowd = load_crowd_model()
        said = gather(library, profile, crowd, seed=seed)
        request = finetune or FinetuneRequest()
        network, note = None, ""
        judgeable = method == "auto" and len(said.judged) >= ENOUGH_CHOICES
        if method == "finetune" or (judgeable and _has_gpu_and_images(request, device)):
            try:
                network = Finetuning(
                    crowd,
                    said,
                    request,
                    device=device,
                    place=f"{library.made_at}\n{profile}",
                    seed=seed,
                    on_progress=on_progress,
                )
            except PhotoaesthError as error:
                if method == "finetune":
                    raise
                note = f"no network was fitted: {error}"
        learned = _learn(crowd, said, network, seed)
        _keep(library, profile, crowd, learned)
        model = profile_model(library, profile)
        scored = score_all(library, model, device=device, on_progress=on_progress)
    return replace(learned.report, scored=scored, note=note)


def _train_policies(
    library_path: Path, profile: str, device: str, seed: int, on_progress: Progress
) -> TrainReport:
    # They load torch.
    from photoaesth.workflows.policies.material import read_material
    from photoaesth.workflows.policies.training import keep_policies, train_policies

    with open_library(library_path) as library:
        crowd = load_crowd_model()
        material = read_material(library, profile, crowd, seed=seed, on_progress=on_progress)
        said: Said | None = None
        learned = _Learned(_NOTHING_SAID)
        with contextlib.suppress(PhotoaesthError):  # edits and orders are enough to learn from
            said = gather(library, profile, crowd, seed=seed)
            learned = _learn(crowd, said, None, seed)

        def model_without(hidden: Collection[int]) -> PersonalHead:
            if said is None or learned.head is None:
                return prior(crowd)
            if not hidden:
                return learned.head
            seen = [s for s in (*said.implied, *said.choices) if not {*s.pair} & {*hidden}]
            return PersonalLearner(crowd, said).fit(seen)

        trained = train_policies(
            library,
            profile,
            crowd,
            material,
            model_without,
            device=device,
            seed=seed,
            on_progress=on_progress,
        )
        report = replace(learned.report, method="policies", policies=trained.report)
        tuned = profile_model(library, profile).finetuned
        if tuned and trained.head is None:  # a network goes on scoring until something beats it
            report = replace(report, kept="finetune")
        else:
            if trained.head is not None:
                report = replace(report, kept="policies", note=_GIVES_WAY if tuned else "")
            _keep(library, profile, crowd, _Learned(report, trained.head or learned.head))
        # It drops the rounds: interrupted before, the same training ends from them.
        keep_policies(library, profile, crowd, trained)
        model = profile_model(library, profile)
        scored = score_all(library, model, device=device, on_progress=on_progress)
    return replace(report, scored=scored)


@dataclass(frozen=True, slots=True)
class _Learned:
    """What is to be kept.

    Attributes:
        report: about it.
        head: None where the generic model speaks.
        network: a fine-tuned one that scores.
    """

    report: TrainReport
    head: PersonalHead | None = None
    network: bytes | None = None


def _keep(library: Library, profile: str, crowd: CrowdModel, learned: _Learned) -> None:
    models.add_model(
        library,
        comparisons.profile_id(library, profile),
        crowd.name,
        method=learned.report.method,
        kept=learned.report.kept,
        head=None if learned.head is None else learned.head.to_bytes(),
        network=learned.network,
        report=asdict(learned.report),
    )


_NOTHING_SAID = TrainReport(
    method="personal",
    direct=0,
    inferred=0,
    conflicts=0,
    ratings=0,
    unusable=0,
    heldout=None,
    evenly=True,
    finetune=None,
    new_photos=True,
    consistency=None,
    outlook=None,
    kept="generic",
    early=False,
    scored=0,
    note="",
)


def _learn(crowd: CrowdModel, said: Said, network: Finetuning | None, seed: int) -> _Learned:
    learner = PersonalLearner(crowd, said)
    folds = split_by_time(
        [statement.pair for statement in said.judged],
        said.taken_at,
        said.groups,
        new_photos=said.mostly_new,
        seed=seed,
    )
    held_out = learner.hold_out(folds, seed=seed) if folds else None
    networks = network.hold_out(folds) if held_out and network else None
    early = len(said.judged) < ENOUGH_CHOICES
    fitted = "finetune" if network else "personal"
    kept = fitted if early else _winner(held_out, networks)
    evenly = _evenly(held_out)
    heldout = held_out.agreement(among=evenly) if held_out else None
    tuned = None
    if held_out and networks is not None:
        tuned = held_out.agreement(networks, among=evenly)
    head = learner.fit([*said.implied, *said.choices]) if kept != "generic" else None
    closure = said.closure
    report = TrainReport(
        method=fitted,
        direct=len(said.choices),
        inferred=len(closure.inferred),
        conflicts=closure.conflicts,
        ratings=said.rated,
        unusable=said.unusable,
        heldout=heldout,
        evenly=evenly is not None or all(statement.evenly for statement in said.judged),
        finetune=tuned,
        new_photos=said.mostly_new,
        consistency=consistency((s.left, s.right, s.outcome) for s in said.choices),
        outlook=None if early else _outlook(held_out, said),
        kept=kept,
        early=early,
        scored=0,
        note="",
    )
    return _Learned(report, head, network.fit() if network and kept == "finetune" else None)


def _winner(held_out: HeldOut | None, networks: Floats | None) -> str:
    """Return the model that predicts best of those that beat the generic one, or that one.

    All pairs count, also those that are hard: both models face the same.
    """
    if held_out is None:
        return "generic"
    candidates = {"personal": held_out.agreement()}
    if networks is not None:
        candidates["finetune"] = held_out.agreement(networks)
    losses = {
        name: agreement.personal_log_loss
        for name, agreement in candidates.items()
        if agreement is not None and agreement.personal_wins
    }
    return min(losses, key=losses.__getitem__, default="generic")


def _evenly(held_out: HeldOut | None) -> NDArray[np.bool_] | None:
    """Return which held-out choices are fair to judge by, where there are enough of them."""
    if held_out is None or held_out.evenly.sum() < ENOUGH_CHOICES:
        return None
    return held_out.evenly


def _has_gpu_and_images(request: FinetuneRequest, device: str) -> bool:
    try:
        usable_reference(request.reference)
    except PhotoaesthError:
        return False
    from photoaesth.learning.device import resolve_device  # torch loads only where it may be used

    return resolve_device(device) == "cuda"


def _outlook(held_out: HeldOut | None, said: Said) -> Outlook | None:
    if held_out is None or held_out.agreement() is None or not said.choices:
        return None
    return outlook(held_out.sizes, held_out.personal, held_out.outcomes, choices=len(said.choices))

"""From the keys of a rollout to the domain's."""

from pathlib import Path

from mlops.domain.declared import rollout as declared
from mlops.domain.project import Kind
from mlops.domain.rollouts.comparison import with_defaults
from mlops.spec.document import Document
from mlops.spec.document.rollout import Analysis, ApproveStep, CompareStep, ShadowStep, SmokeStep, Step, WeightStep
from mlops.spec.gates import to_approvers

_SWITCH = declared.SetWeight(weight=100, min_samples=0)
"""What ends the steps of a batch endpoint: the candidate becomes the default."""


def to_rollout(document: Document, folder: Path) -> declared.Rollout:
    """Translate the rollout of a document in which nothing was found wrong."""
    part = document.spec.rollout

    def analyses(names: tuple[str, ...]) -> tuple[declared.Analysis, ...]:
        return tuple(_analysis(one) for name in names for one in part.analysis[name])

    def step(one: Step) -> declared.Step:
        match one:
            case SmokeStep():
                return declared.Smoke(requests=(folder / one.smoke.requests).resolve())
            case ShadowStep():
                shadow = one.shadow
                return declared.Shadow(
                    percent=shadow.percent,
                    hold=shadow.for_,
                    min_samples=shadow.min_samples,
                    analyses=analyses(shadow.analysis),
                )
            case WeightStep():
                return declared.SetWeight(
                    weight=one.set_weight,
                    hold=one.for_,
                    min_samples=one.min_samples,
                    analyses=analyses(one.analysis),
                )
            case CompareStep():
                compare = one.compare
                return declared.Compare(
                    input=compare.input,
                    analyses=with_defaults(analyses(compare.analysis)),
                    runs=compare.runs,
                    every=compare.every,
                    min_samples=compare.min_samples,
                    timeout=compare.timeout,
                )
            case ApproveStep():
                asked = one.approve
                who = to_approvers(document, asked.approvers, asked.count, not_author=asked.not_author)
                return declared.Approve(approvers=who, expires=asked.expires)

    batch = document.spec.deployment.kind is Kind.BATCH
    quiet = not part.bake.for_ and not part.bake.analysis
    return declared.Rollout(
        steps=(*map(step, part.steps), *((_SWITCH,) if batch else ())),
        bake=part.bake.for_,
        bake_analyses=analyses(part.bake.analysis),
        bake_min_samples=0 if batch and quiet else part.bake.min_samples,
        keep_previous=part.bake.keep_previous,
        measure_every=part.measure_every,
        consecutive_success=part.consecutive_success,
        progress_deadline=part.progress_deadline,
        keep_failed=part.keep_failed,
        warm_previous=part.retention.warm_previous,
        automatic_rollback=part.automatic_rollback,
        verify_target=part.rollback.verify_target,
        on_new_candidate=part.on_new_candidate,
        on_external_change=part.on_external_change,
        windows=declared.Windows(allow=part.windows.allow, freeze=part.windows.freeze),
        on_metric_loss=part.on_metric_loss.action,
        metric_loss_after=part.on_metric_loss.after,
    )


def _analysis(part: Analysis) -> declared.Analysis:
    fields = {name: getattr(part, name) for name in Analysis.model_fields if name not in {"mode", "compare_with"}}
    against = part.compare_with == "champion"
    return declared.Analysis(**fields, dry_run=part.mode == "dryRun", against_champion=against)

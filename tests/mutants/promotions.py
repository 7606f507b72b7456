"""The bugs on the way from environment to environment."""

from tests.mutants.mutant import bugs_in

_TAKING = ("tests/mlops/domain/test_taking.py", "tests/mlops/flows/test_promotion.py")
_FLOW = ("tests/mlops/flows/test_promotion.py",)
_PORT = ("tests/mlops/backends/test_registry.py",)

PROMOTIONS = (
    *bugs_in(
        "domain/promotions/taking.py",
        _TAKING,
        ("any-record-will-do", "    if record.digest != offer.record:\n", "    if False:\n"),
        ("a-record-of-another-version-counts", "(record.model, record.version, ", "(record.model, offer.version, "),
        (
            "a-record-of-other-bytes-counts",
            "(record.model, record.version, record.bytes,",
            "(record.model, record.version, offer.digest,",
        ),
        ("a-word-about-anything-counts", " if word.digest == record.subject]", "]"),
        ("words-are-good-for-ever", "now > word.at + asked.expires or ", ""),
        ("authors-approve-themselves", "and not own and ", "and "),
        ("a-hop-is-skipped", "        if (source, target) not in hops:\n", "        if False:\n"),
        ("anybody-offers-to-prod", "offer.source != came or offer.target != asking.environment", "False"),
        ("what-failed-here-is-tried-again", "    if offer.digest in asking.failed:\n", "    if False:\n"),
        ("what-is-here-comes-again", "    if offer.digest in asking.here:\n", "    if False:\n"),
    ),
    *bugs_in(
        "domain/promotions/offer.py",
        _TAKING,
        (
            "the-greatest-version-is-the-newest",
            "key=lambda each: (each.at, each.record)",
            "key=lambda each: each.version",
        ),
    ),
    *bugs_in(
        "domain/promotions/coming.py",
        _FLOW,
        ("the-port-is-believed", "    if model.digest != offer.digest:\n", "    if False:\n"),
    ),
    *bugs_in(
        "flows/promote.py",
        _FLOW,
        ("unapproved-versions-leave", "    if out.approved.missing:\n", "    if False:\n"),
        ("retracted-versions-leave", "    if wanted not in good:\n", "    if False:\n"),
        ("quarantined-data-leaves-as-a-model", "window.overlaps(attempt.train) and ", "False and "),
        ("it-is-offered-on-record-again", "    if _on_record(context, out):\n", "    if False:\n"),
    ),
    *bugs_in(
        "flows/triggers.py",
        _FLOW,
        (
            "models-are-trained-past-the-order",
            "    if generation.project.comes_from(generation.platform.environment) is not None:\n",
            "    if False:\n",
        ),
    ),
    *bugs_in(
        "domain/attempt.py",
        _FLOW,
        ("what-was-trained-elsewhere-is-paid-here", "loop.ledger if request.origin else ", ""),
    ),
    *bugs_in(
        "flows/offers.py",
        _FLOW,
        ("withdrawn-offers-are-taken", "    if gone is not None:\n", "    if False:\n"),
    ),
    *bugs_in(
        "backends/azure_ml/registry.py",
        _PORT,
        ("wrong-bytes-are-registered", "_same(found, offer.digest, f", "repr and (found, offer.digest, f"),
        (
            "the-registry-is-not-looked-at",
            '_same(found, model.digest, f"the registry',
            'repr and (found, model.digest, f"the registry',
        ),
    ),
)

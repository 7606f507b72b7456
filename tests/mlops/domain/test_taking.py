"""May an offered version be taken?  Each line here is one reason why not, and who counts among those who said yes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlops.domain.declared.gate import Approvers
from mlops.domain.declared.promotion import Asked, Promotion
from mlops.domain.promotions.offer import Offer, Reply, open_for
from mlops.domain.promotions.taking import Asking, Record, Said, approved, refused

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ASKED = Asked(approvers=Approvers(groups=("owners",), people=("ada", "grace", "mallory"), count=2))
PROMOTION = Promotion(order=("dev", "staging", "prod"), evaluate=Path("evaluate.yml"), asked=ASKED)
OFFER = Offer(
    model="rain", version="7", digest="d7", source="staging", target="prod", record="r2", at=NOW - timedelta(hours=1)
)
BEFORE = replace(OFFER, source="dev", target="staging", record="r1")
ADA = Said(who="ada", at=NOW - DAY, granted=True, digest="subject")
GRACE = replace(ADA, who="Grace")
RECORD = Record(
    digest="r2",
    subject="subject",
    model="rain",
    version="7",
    bytes="d7",
    source="staging",
    target="prod",
    author="author",
    said=(ADA, GRACE),
)
ASKING = Asking(environment="prod", model="rain", promotion=PROMOTION)


def why(
    *, asking: Asking = ASKING, offer: Offer = OFFER, record: Record = RECORD, before: tuple[Offer, ...] = (BEFORE,)
) -> str:
    return refused(asking, offer, record, before, NOW)


def test_what_is_approved_as_it_is_and_came_all_the_way_is_taken() -> None:
    assert why() == ""
    assert approved(PROMOTION, RECORD, NOW).people == ("Grace", "ada")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (replace(RECORD, digest="r3"), "its record is another than was offered"),
        (replace(RECORD, version="8"), "its record is about rain:8 with the bytes d7"),
        (replace(RECORD, bytes="d8"), "its record is about rain:7 with the bytes d8"),
        (replace(RECORD, model="snow"), "its record is about snow:7"),
        (replace(RECORD, source="dev"), "from dev to prod"),
        (replace(RECORD, target="staging"), "from staging to staging"),
    ],
)
def test_a_record_must_be_about_exactly_what_is_offered(record: Record, said: str) -> None:
    assert said in why(record=record)


def test_every_environment_before_had_these_very_bytes() -> None:
    never = "rain:7 with these bytes never went from dev to staging"
    assert why(before=()) == never
    assert why(before=(replace(BEFORE, digest="d8"),)) == never
    assert why(before=(replace(BEFORE, version="6"),)) == never


def test_models_come_from_the_environment_before_only() -> None:
    past, about = replace(OFFER, source="dev"), replace(RECORD, source="dev")
    assert why(offer=past, record=about) == "dev may not offer to prod: models come from staging"
    elsewhere = replace(ASKING, environment="staging")
    assert why(asking=elsewhere) == "staging may not offer to staging: models come from dev"
    assert why(asking=replace(ASKING, model="snow")) == "it is a version of rain, and this project's model is snow"


def test_what_failed_here_or_is_here_is_not_taken() -> None:
    assert why(asking=replace(ASKING, failed=("d7",))) == "these bytes failed in prod before"
    assert why(asking=replace(ASKING, here=("d7",))) == "these bytes are in prod already"


@pytest.mark.parametrize(
    "second",
    [
        replace(ADA, who="ADA"),  # one person counts once
        replace(GRACE, who="somebody"),  # not of the group
        replace(GRACE, digest="another subject"),  # said of another version, or of other bytes
        replace(GRACE, at=NOW - 4 * DAY),  # too long ago for this project
        replace(GRACE, expires=(NOW - DAY).date()),  # over, as they said themselves
        replace(GRACE, who="author"),
    ],
    ids=["the same", "not of the group", "another subject", "stale", "expired", "the author"],
)
def test_a_word_that_does_not_count(second: Said) -> None:
    named = replace(ASKED, approvers=replace(ASKED.approvers, people=("ada", "grace", "author")))
    asking = replace(ASKING, promotion=replace(PROMOTION, asked=named))
    said = why(asking=asking, record=replace(RECORD, said=(ADA, second)))

    assert said == "1 of 2 approvals of owners of subject; 1 more do not count"


def test_one_no_of_exactly_this_is_enough() -> None:
    no = replace(GRACE, who="mallory", granted=False, reason="it leaks")

    assert why(record=replace(RECORD, said=(ADA, GRACE, no))) == "mallory declined it: it leaks"
    assert why(record=replace(RECORD, said=(ADA, GRACE, replace(no, digest="another subject")))) == ""


def test_nobody_is_asked_where_the_project_says_so() -> None:
    alone = replace(ASKING, promotion=replace(PROMOTION, asked=None))

    assert why(asking=alone, record=replace(RECORD, said=())) == ""


def test_offers_wait_in_the_order_in_which_they_were_made() -> None:
    newer = replace(OFFER, version="10", record="r3", at=NOW)
    oldest = replace(OFFER, version="9", record="r4", at=NOW - DAY)
    other = replace(OFFER, target="staging", record="r5")

    assert open_for((newer, OFFER, oldest, other), "prod", (Reply(record="r2", reference="rain:7", at=NOW),)) == (
        oldest,
        newer,
    )

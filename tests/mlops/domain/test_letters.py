"""Who is told of which decision, and in which words; what stands in a decision is text and nothing else."""

from datetime import UTC, datetime

import pytest

from mlops.domain.messages.letters import Notice, as_blocks, as_card, as_json, as_text, told
from mlops.domain.records.decision import Decision, Subject

AT = datetime(1975, 1, 6, 12, 30, tzinfo=UTC)
SAID = Decision(
    at=AT,
    subject=Subject.CHAMPION,
    what="promoted",
    why="rain:2 takes over",
    numbers={"delta": 0.0123456, "samples": 400, "none": None},
    actor="ada",
    attempt=2,
)
NOTICE = Notice(project="rain", channel="team", sequence=7, key="k", decision=SAID)
EVIL = "<!channel> [x](http://evil) *bold*\nBcc: all@example.com & <b>"


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["champion promoted"], True),
        (["champion *"], True),
        (["champion"], True),
        (["*"], True),
        (["attempt *", "champion promoted"], True),
        (["champion demoted"], False),
        (["champ"], False),
        ([], False),
    ],
)
def test_a_pattern_is_a_subject_and_what_happened_to_it(patterns: list[str], *, expected: bool) -> None:
    assert told(patterns, SAID) is expected


def test_programs_get_the_whole_decision() -> None:
    assert as_json(NOTICE) == {
        "type": "aml-kit.decision",
        "id": "k",
        "project": "rain",
        "sequence": 7,
        "subject": "champion",
        "what": "promoted",
        "why": "rain:2 takes over",
        "numbers": {"delta": 0.0123456, "samples": 400, "none": None},
        "actor": "ada",
        "attempt": 2,
        "time": "1975-01-06T12:30:00+00:00",
    }


def test_people_get_a_line_why_and_the_numbers() -> None:
    rows = ["when: 1975-01-06 12:30 UTC", "by: ada", "attempt: 2", "delta: 0.01235", "samples: 400"]
    assert as_text(NOTICE).splitlines() == ["rain:2 takes over", "", *rows, "", "Decision 7 of rain."]

    header, section = as_blocks(NOTICE)["blocks"]
    assert header["text"]["text"] == as_blocks(NOTICE)["text"] == "rain: champion promoted"
    assert section["text"]["text"] == "rain:2 takes over"
    assert [field["text"] for field in section["fields"]] == rows

    (attached,) = as_card(NOTICE)["attachments"]
    runs = [run["text"] for block in attached["content"]["body"] for run in block["inlines"]]
    assert (attached["contentType"], attached["content"]["version"]) == (
        "application/vnd.microsoft.card.adaptive",
        "1.5",
    )
    assert runs == ["rain: champion promoted", "rain:2 takes over", *rows]


def test_marks_links_and_mentions_in_a_reason_are_shown_and_not_read() -> None:
    evil = Notice(
        project="rain",
        channel="team",
        sequence=7,
        key="k",
        decision=Decision(at=AT, subject=Subject.PROJECT, what=EVIL, why=EVIL, actor=EVIL, numbers={EVIL: EVIL}),
    )
    slack = as_blocks(evil)
    texts = [slack["blocks"][0]["text"], slack["blocks"][1]["text"], *slack["blocks"][1]["fields"]]
    kinds = {block["type"] for block in as_card(evil)["attachments"][0]["content"]["body"]}

    assert {text["type"] for text in texts} == {"plain_text"}
    assert "<!channel>" not in slack["text"]
    assert "\n" not in slack["text"]
    assert kinds == {"RichTextBlock"}


def test_long_texts_keep_to_slacks_limits() -> None:
    numbers = {f"n{at}": "x" * 3000 for at in range(20)}
    long = Notice(
        project="rain",
        channel="team",
        sequence=7,
        key="k",
        decision=Decision(at=AT, subject=Subject.PROJECT, what="w" * 400, why="y" * 5000, numbers=dict(numbers)),
    )
    header, section = as_blocks(long)["blocks"]

    assert len(header["text"]["text"]) == 150
    assert len(section["text"]["text"]) == 3000
    assert [len(field["text"]) <= 2000 for field in section["fields"]] == [True] * 10

"""Who signed what, and when: as the Standard Webhooks specification has it."""

from datetime import UTC, datetime, timedelta

import pytest

from mlops.domain.messages.signing import ID, SIGNATURE, TIMESTAMP, NotSignedError, check, sign

NOW = datetime(2021, 2, 25, 9, 30, tzinfo=UTC)
WEEK = timedelta(days=7)
# The specification's own example.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EXAMPLE = {ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", TIMESTAMP: "1614265330"}
EXAMPLE |= {SIGNATURE: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}
BODY = b'{"test": 2432232314}'


def test_the_specifications_example_fits() -> None:
    assert check(SECRET, EXAMPLE, BODY, NOW, WEEK) == EXAMPLE[ID]
    assert sign(SECRET, EXAMPLE[ID], datetime.fromtimestamp(1614265330, UTC), BODY) == EXAMPLE


def test_either_of_two_secrets_counts_while_one_is_exchanged() -> None:
    headers = sign("old", "1", NOW, BODY)

    assert check("new\nold\n", headers, BODY, NOW, WEEK) == "1"
    both = {**headers, SIGNATURE: f"v1a,x v1,AAAA {headers[SIGNATURE]}"}
    assert check("old", both, BODY, NOW, WEEK) == "1"


@pytest.mark.parametrize(
    ("change", "body", "said"),
    [
        ({}, b"{}", "the signature does not fit"),
        ({ID: "2"}, BODY, "the signature does not fit"),
        ({TIMESTAMP: "1614245401"}, BODY, "the signature does not fit"),
        ({SIGNATURE: ""}, BODY, "the signature does not fit"),
        ({SIGNATURE: "v1,"}, BODY, "the signature does not fit"),
        ({SIGNATURE: "v1,\u00e9"}, BODY, "the signature does not fit"),
        ({ID: ""}, BODY, "needs the headers webhook-id, webhook-timestamp"),
        ({ID: "x" * 201}, BODY, "needs the headers"),
        ({TIMESTAMP: "yesterday"}, BODY, "needs the headers"),
        ({TIMESTAMP: "\u0661"}, BODY, "needs the headers"),
    ],
)
def test_what_was_changed_on_the_way_is_refused(change: dict[str, str], body: bytes, said: str) -> None:
    headers = {**sign("secret", "1", NOW, BODY), **change}
    with pytest.raises(NotSignedError, match=said):
        check("secret", headers, body, NOW, WEEK)


@pytest.mark.parametrize("off", [timedelta(seconds=301), timedelta(seconds=-301)])
def test_a_request_that_is_kept_for_later_is_refused(off: timedelta) -> None:
    headers = sign("secret", "1", NOW, BODY)
    with pytest.raises(NotSignedError, match="its time is 301 s off, 300 s are allowed"):
        check("secret", headers, BODY, NOW + off, timedelta(minutes=5))

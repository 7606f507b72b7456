"""What the demo says when something outside of it is gone."""

import socket

import httpx
import pytest

from examples.rain.demo import _what


def test_a_dead_local_environment_is_named_and_not_only_its_errno() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: whoever connects is refused
        with pytest.raises(httpx.TransportError) as refused:
            httpx.get(f"http://127.0.0.1:{taken.getsockname()[1]}/clock", trust_env=False)

    assert _what(refused.value) == (
        f"the local environment does not answer ({refused.value}); `local-azure status` says what is dead."
    )
    assert _what(ValueError("something else")) == "something else"

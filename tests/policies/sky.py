"""Azure above the wire, for what it does not do on order: pages, refusals, silence."""

import json
import re
from collections.abc import Mapping
from typing import Any, Self

from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import HttpTransport


class Signed:
    """Whoever is signed in, or why nobody is."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self._trouble = trouble

    def get_token(self, *_scopes: str, **_: object) -> AccessToken:
        if self._trouble is not None:
            raise self._trouble
        return AccessToken("secret-token", 4_000_000_000)


class _Answer:
    """As much of an answer as azure-core looks at."""

    def __init__(self, request: Any, status: int, body: object) -> None:  # noqa: ANN401  azure-core's
        self.request, self.status_code = request, status
        self.headers = {"Content-Type": "application/json"}
        self.content_type, self.reason = "application/json", ""
        self._body = body

    def json(self) -> object:
        if isinstance(self._body, str):
            raise ValueError("no JSON")  # noqa: TRY004  as a JSON parser does
        return self._body

    def read(self) -> bytes:
        return json.dumps(self._body).encode()


class Sky(HttpTransport[Any, Any]):
    """Azure, as a test tells it: an answer by path; lists are empty and things are not there unless said."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self._said = dict(said)
        self.asked: list[str] = []

    def send(self, request: Any, **_options: object) -> Any:  # noqa: ANN401  azure-core's
        assert request.headers["Authorization"] == "Bearer secret-token"
        host, _, rest = request.url.removeprefix("https://").partition("/")
        path, _, query = f"/{rest}".partition("?")
        self.asked.append(path)
        page = re.search(r"page=(\d)", query)
        said: Any = self._said.get(path + (f"#{page[1]}" if page else ""))
        if isinstance(said, Exception):
            raise said
        if said is None:
            said = {"id": path} if re.search(r"/resourceGroups/\w+$", path) else {"value": []}
        status, answer = said if isinstance(said, tuple) else (200, said)
        assert host == "management.azure.com"
        return _Answer(request, status, answer)

    def open(self) -> None: ...
    def close(self) -> None: ...
    def sleep(self, duration: float) -> None: ...
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

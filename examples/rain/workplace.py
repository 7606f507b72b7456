"""The platform as the weather service and its customers see it: an endpoint, a folder for labels, a clock."""

import json
import os
import ssl
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient

from examples.rain.weather import Day

_SCOPE = "https://ml.azure.com/.default"
_RENEW_SECONDS = 300.0
_PAUSE_SECONDS = 0.5
_ARRIVE_SECONDS = 20.0  # past it the loop looks at what is there; it converges later
_BEHIND_SECONDS = 0.02  # the collector's library posts from a thread of its own, some milliseconds later
LABELS = "rain/labels"  # as project.yaml says


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What the example needs of the platform's stack outputs."""

    subscription: str
    resource_group: str
    workspace: str
    account: str
    container: str
    scoring_uri: str

    @staticmethod
    def read(path: Path) -> "Outputs":
        """From `pulumi stack output --json`."""
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Outputs(
            subscription=found["subscriptionId"],
            resource_group=found["resourceGroupName"],
            workspace=found["workspaceName"],
            account=found["storageAccountName"],
            container=found["containers"]["artifacts"],
            scoring_uri=found["onlineEndpoints"]["rain"]["scoringUri"],
        )


class AzureWorkplace:
    """The real thing, as far as the environment's variables lead to one."""

    def __init__(self, outputs: Outputs, clock: str) -> None:
        self._uri = outputs.scoring_uri
        self._clock = clock
        self._pending = clock.removesuffix("/clock") + "/modeldata/pending"
        self._credential = DefaultAzureCredential()
        self._token, self._expires = "", 0.0
        trusted = ssl.create_default_context(cafile=os.environ.get("REQUESTS_CA_BUNDLE"))
        self._web = httpx.Client(verify=trusted, timeout=60)
        self._labels = ContainerClient(
            f"https://{outputs.account}.blob.core.windows.net", outputs.container, credential=self._credential
        )

    def turn_clock(self, moment: datetime) -> None:
        """The local environment's clock; against the real Azure there would be nothing to turn."""
        self._web.put(self._clock, json={"now": moment.isoformat()}).raise_for_status()

    def ask(self, day: Day) -> bool:
        """Send one record; a connection that breaks is a request that failed."""
        try:
            reply = self._web.post(
                self._uri,
                json={"data": [day.record]},
                headers={"Authorization": f"Bearer {self._bearer()}"},
            )
        except httpx.TransportError:
            return False
        return reply.status_code == httpx.codes.OK

    def pause(self) -> None:
        """Half a second: a scoring process is back after some."""
        time.sleep(_PAUSE_SECONDS)

    def let_arrive(self) -> None:
        """Wait until the collector's receiver has written all that it got; a bit longer, since it posts behind."""
        end = time.monotonic() + _ARRIVE_SECONDS
        time.sleep(_BEHIND_SECONDS)
        while self._web.get(self._pending).json()["pending"] and time.monotonic() < end:
            time.sleep(_BEHIND_SECONDS)

    def publish(self, name: str, content: bytes) -> None:
        """Upload a file of labels."""
        self._labels.upload_blob(f"{LABELS}/{name}", content, overwrite=True)

    def _bearer(self) -> str:
        if time.time() > self._expires - _RENEW_SECONDS:
            token = self._credential.get_token(_SCOPE)
            self._token, self._expires = token.token, float(token.expires_on)
        return self._token

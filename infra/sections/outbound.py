"""What jobs and deployments may reach besides hosts, as a stack file asks for it."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.sections.choice import ArmId
from infra.sections.endpoint_parts import no_part
from infra.sections.values import IN_WORDS, Host, Text, Values

_TAG = r"^[A-Z][A-Za-z0-9]*(\.[A-Za-z0-9]+)?$"
_PORTS = r"^[0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*$"
IN_WORDS |= {
    _TAG: "one of Azure's service tags, such as `AzureMonitor` or `Storage.eastus`",
    _PORTS: "ports and ranges of ports, such as `443` or `443,8000-8080`",
}

_EVERYWHERE = ("Internet", "AzureCloud")
_MOST_PORTS = 1024  # more is no list of ports any more


class ServiceTag(Values):
    """One of Azure's services, by its tag."""

    tag: Annotated[str, StringConstraints(pattern=_TAG)] = Field(description="Azure's name of the service.")
    protocol: Literal["TCP", "UDP"] = Field(default="TCP", description="What is spoken.")
    ports: Annotated[str, StringConstraints(pattern=_PORTS)] = Field(default="443", description="To which ports.")

    def contradictions(self) -> Iterator[str]:
        """A tag that means everything, and ports that are none or too many."""
        if self.tag.partition(".")[0] in _EVERYWHERE:
            yield f"tag {self.tag!r} is everything: name the services that are needed"
        ranges = [tuple(map(int, part.split("-"))) for part in self.ports.split(",")]
        if any(not 0 < part[0] <= part[-1] <= 65535 for part in ranges):  # noqa: PLR2004  ports end there
            yield f"ports {self.ports!r} are not between 1 and 65535, the lower first"
        elif sum(part[-1] - part[0] + 1 for part in ranges) > _MOST_PORTS:
            yield f"ports {self.ports!r} are more than {_MOST_PORTS}: name those that are needed"


class PrivateTarget(Values):
    """A resource that is reached by a private endpoint of the managed network."""

    resource: ArmId = Field(description="What is reached.")
    part: Text = Field(description="Which part of it: Azure's group id, such as `blob` or `sqlServer`.")
    hosts: tuple[Host, ...] = Field(default=(), description="Further names that lead to it.")
    spark: bool = Field(default=False, description="Whether Spark jobs reach it as well.")

    def contradictions(self) -> Iterator[str]:
        """A part that a resource of this type does not have."""
        yield from no_part(self.resource, self.part)


class Outbound(Values):
    """What a managed network lets out besides `outboundHosts`."""

    services: tuple[ServiceTag, ...] = Field(default=(), description="Azure's services, by their tags.")
    private: tuple[PrivateTarget, ...] = Field(default=(), description="Resources, by private endpoints.")

    def contradictions(self) -> Iterator[str]:
        """Rules that are there twice."""
        if len(set(self.services)) < len(self.services):
            yield "services names a service twice with the same ports"
        ends = [(re.sub("/+$", "", each.resource.lower()), each.part) for each in self.private]
        if len(set(ends)) < len(ends):
            yield "private names a part of a resource twice"

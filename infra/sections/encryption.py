"""Customer-managed keys, as a stack file asks for them."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from infra.sections.choice import CREATE, CreateOrMine, mine, misfits
from infra.sections.values import IN_WORDS, Values

_VERSION = r"^[0-9a-f]{32}$"
IN_WORDS |= {_VERSION: "a key's version: 32 hexadecimal digits"}


class Encryption(Values):
    """A key of one's own over what the workspaces keep; Azure lets it be chosen once, when a workspace is made."""

    key: CreateOrMine = Field(
        default=CREATE,
        description="Made, in a vault of its own, or the ARM id of a key in a vault that is there.",
    )
    key_version: Annotated[str, StringConstraints(pattern=_VERSION)] | None = Field(
        default=None, description="Which version of a key that is brought along."
    )
    service_side: bool = Field(
        default=True,
        description="Whether Azure keeps the encrypted records in its own subscription; if not, a database, a search "
        "service and storage are built, and paid for, in yours.",
    )

    storage: bool = Field(
        default=False,
        description="Whether the key is over the storage account too, and follows its new versions; by an identity of "
        "its own.",
    )
    images: bool = Field(
        default=False,
        description="Whether the key is over the container registry too. Azure lets that be chosen once, when the "
        "registry is made, and then not through a vault's firewall: bring a key of a vault without one.",
    )

    @property
    def over_data(self) -> bool:
        """Whether more than workspaces is wrapped with the key."""
        return self.storage or self.images

    def contradictions(self) -> Iterator[str]:
        """A key of one's own needs its version, a key that is made has none yet."""
        yield from misfits("key", self.key, "Microsoft.KeyVault/vaults/keys")
        if mine(self.key) and self.key_version is None:
            yield "keyVersion is needed with a key that is brought along: a workspace is bound to one version"
        if not mine(self.key) and self.key_version is not None:
            yield "keyVersion is for a key that is brought along: take it away, or set key to its id"
        if self.images and not mine(self.key):
            yield (
                "images cannot be wrapped with a key that is made: its vault has a firewall, which Azure's registries "
                "do not pass while they are made; set key to the id of one in a vault without, or take images away"
            )

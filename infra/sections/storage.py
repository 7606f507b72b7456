"""What becomes of old data in the workspace's storage account, as a stack file asks for it."""

from collections.abc import Iterator

from pydantic import Field

from infra.sections.values import Values


class DataLife(Values):
    """How long data stays hot, when it is deleted, and how far back it can be had again."""

    cool_after_days: int | None = Field(
        default=None, ge=1, le=3650, description="Blobs that were not changed for so long move to the cool tier."
    )
    delete_after_days: int | None = Field(
        default=None, ge=1, le=3650, description="Blobs that were not changed for so long are deleted."
    )
    prefixes: tuple[str, ...] = Field(
        default=(), description="Only blobs whose `container/path` begins so move or go; none said is all of them."
    )
    old_versions_days: int = Field(
        default=90, ge=1, le=3650, description="How long overwritten versions of a blob are kept."
    )
    restore_days: int = Field(
        default=0,
        ge=0,
        le=89,
        description="How far back all containers can be set, in days; 0 is not at all.",
    )

    def contradictions(self) -> Iterator[str]:
        """Tell of tiers in the wrong order."""
        if self.cool_after_days and self.delete_after_days and self.cool_after_days >= self.delete_after_days:
            yield (
                f"coolAfterDays {self.cool_after_days} is not before deleteAfterDays {self.delete_after_days}: "
                "set it lower, or take one of them away"
            )

"""Azure's own policies that match rules of the pack, each with what it does not see.

Left out on purpose: e413671a (demands the legacy mode), 7804b5c7 (does not see managed networks), 6ddb1705 (refuses
projects, which have no network of their own), 12e5dd16 (a mode of its own, in preview), and the six `enforceSetting`
policies, which do not work.
"""

from runtime.members import BuiltIn

MEMBERS = (
    BuiltIn(rule="W01", guid="438c38d2-3772-465a-a9cc-7a6666a275ce", title="Workspaces disable public network access"),
    BuiltIn(
        rule="W07",
        guid="45e05259-1eb5-4f70-9574-baf73e9d219b",
        title="Workspaces use private link",
        effect="Audit",
        differences=(
            "it counts connections that Azure lists as approved, and not which group they lead to",
            "it asks of every workspace, also of projects and of those that are open",
        ),
    ),
    BuiltIn(
        rule="W09",
        guid="ba769a63-b8cc-4b2d-abf6-ac33c7204be8",
        title="Workspaces are encrypted with a customer-managed key",
        effect="Audit",
        differences=("it takes the status for the key: which key it is, it does not ask",),
    ),
    BuiltIn(
        rule="W10",
        guid="5f0c7d88-c7de-45b8-ac49-db49e72eaa78",
        title="Workspaces use a user-assigned identity",
    ),
    BuiltIn(
        rule="W14",
        guid="afe0c3be-ba3b-4544-ba52-0c99672a8ad6",
        title="Resource logs of workspaces are enabled",
        effect="AuditIfNotExists",
        differences=(
            "it is content with any place that logs go to",
            "it refuses nothing: it looks some time after the workspace was made",
        ),
    ),
    BuiltIn(
        rule="C01",
        guid="e96a9a5f-07ca-471b-9bc5-6a0f33cbd68f",
        title="Computes have local authentication disabled",
    ),
    BuiltIn(
        rule="C10",
        guid="679ddf89-ab8f-48a5-9029-e76054077449",
        title="Compute instances have an idle shutdown",
        differences=("it asks for a time, and not for how long: Azure Policy compares no durations",),
    ),
    BuiltIn(rule="S03", guid="4fa4b6c0-31ca-4c0d-b10d-24b96f62a751", title="Storage accounts allow no public access"),
)

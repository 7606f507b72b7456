"""Cases of the rules about storage accounts."""

from tests.policies.case import UNKNOWN_FLAG, Case

ACCOUNT = "azure-native:storage:StorageAccount"
OTHER_KIND = "azure-native:keyvault:Vault"


def _cases(rule: str, key: str) -> tuple[Case, ...]:
    return (
        Case(rule=rule, said="off", type=ACCOUNT, props={key: False}, outcome="pass"),
        Case(rule=rule, said="on", type=ACCOUNT, props={key: True}, outcome="fail"),
        Case(rule=rule, said="unset", type=ACCOUNT, props={}, outcome="fail"),
        Case(rule=rule, said="unknown", type=ACCOUNT, props={key: UNKNOWN_FLAG}, outcome="cannot tell"),
        Case(rule=rule, said="a vault", type=OTHER_KIND, props={key: True}, outcome="not applicable"),
    )


CASES = (*_cases("S01", "allowSharedKeyAccess"), *_cases("S03", "allowBlobPublicAccess"))

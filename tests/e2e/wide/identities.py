"""Who acts, what they may, and what is refused."""

import pulumi

from tests.e2e.wide.group import group, rg
from tests.e2e.wide.resource import READER, SOMEBODY, azure, named

identity = azure("managedidentity:UserAssignedIdentity", "identity", {**rg, "resourceName": "identity"})
azure(
    "managedidentity:FederatedIdentityCredential",
    "federated",
    {
        **rg,
        "resourceName": named(identity),
        "federatedIdentityCredentialResourceName": "ci",
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": "repo:org/repo:environment:prod",
        "audiences": ["api://AzureADTokenExchange"],
    },
)
role = azure(
    "authorization:RoleDefinition",
    "role",
    {
        "scope": group,
        "roleDefinitionId": "22222222-2222-4333-8444-555555555555",
        "roleName": "looker",
        "roleType": "CustomRole",
        "permissions": [{"actions": ["*/read"]}],
        "assignableScopes": [group],
    },
)
azure(
    "authorization:RoleAssignment",
    "grant",
    {
        "scope": group,
        "principalId": SOMEBODY,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": pulumi.Output.concat(group, READER),
    },
)
policy = azure(
    "authorization:PolicyDefinition",
    "policy",
    {
        "policyDefinitionName": "tagged",
        "policyType": "Custom",
        "mode": "Indexed",
        "displayName": "tagged",
        "policyRule": {"if": {"field": "tags['owner']", "exists": False}, "then": {"effect": "audit"}},
    },
)
azure(
    "authorization:PolicySetDefinition",
    "policies",
    {
        "policySetDefinitionName": "all",
        "policyType": "Custom",
        "policyDefinitions": [{"policyDefinitionId": policy}],
    },
)
azure(
    "authorization:PolicyAssignment",
    "assigned",
    {
        "scope": group,
        "policyAssignmentName": "tagged",
        "policyDefinitionId": policy,
        "enforcementMode": "DoNotEnforce",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [identity]},
        "location": "eastus",
    },
)
azure(
    "consumption:Budget",
    "budget",
    {
        "scope": group,
        "budgetName": "budget",
        "amount": 500,
        "category": "Cost",
        "timeGrain": "Monthly",
        "timePeriod": {"startDate": "2026-01-01T00:00:00Z", "endDate": "2030-01-01T00:00:00Z"},
        "notifications": {
            "eighty": {
                "enabled": True,
                "operator": "GreaterThan",
                "threshold": 80,
                "contactEmails": ["a@example.com"],
                "thresholdType": "Actual",
            }
        },
    },
)

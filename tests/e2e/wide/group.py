"""The resource group of all of it."""

from tests.e2e.wide.resource import azure, named

group = azure("resources:ResourceGroup", "wide", {"resourceGroupName": "wide", "tags": {"owner": "tests"}})
rg = {"resourceGroupName": named(group)}

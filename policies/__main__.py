"""The policy pack; starting it serves the rules to Pulumi and does not return."""

import os

from pulumi_policy import PolicyPack

from rules.catalogue import catalogue
from rules.profiles import profile_of

PolicyPack(
    name="aml-kit",
    policies=[rule.as_policy(profile_of(os.environ.get("PULUMI_STACK", ""))) for rule in catalogue()],
)

"""The whole program: each module declares its resources when it is imported."""

import pulumi

from tests.e2e.wide import elsewhere, ground, group, identities, machine_learning, networks, watching

MODULES = (group, identities, networks, ground, machine_learning, watching, elsewhere)

pulumi.export("resources", "done")

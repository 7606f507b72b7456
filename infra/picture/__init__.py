"""A picture of an environment, drawn from the resources that its program declares: pure, and the same each time."""

"""From environment to environment: what is offered, in which order, and whether it may be taken."""

"""Azure Policy, as far as the local environment evaluates it: what is assigned is in force for every write."""

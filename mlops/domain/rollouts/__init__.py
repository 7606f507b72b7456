"""Which phase follows which, what the endpoint looks like in each, and which versions of before are good."""

"""Where to deploy to: one stack file an environment, and the program that is the local one."""

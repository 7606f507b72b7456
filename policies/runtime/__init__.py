"""The same rules at run time: an initiative of Azure Policy, so that what no program asked for is refused too."""

"""An example project: did it rain?"""

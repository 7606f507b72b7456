"""The policy pack; starting it serves the rules to Pulumi and does not return."""

from serving import serve

serve()

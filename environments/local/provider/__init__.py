"""The stand-in azure-native provider: Pulumi's provider protocol onto the resource manager."""

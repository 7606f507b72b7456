"""The Pulumi program: settings in, one environment built, outputs out."""

import pulumi
from pulumi_azure_native import authorization

from infra import quick_aliases, settings
from infra.environment import build
from infra.parts.plan import Place


def main() -> None:
    """Build the stack's environment; a stack file that cannot be used ends the run before anything is declared."""
    try:
        read = settings.read(pulumi.get_stack())
    except settings.SettingsError as error:
        raise pulumi.RunError(str(error)) from error
    client = authorization.get_client_config()
    place = Place(environment=pulumi.get_stack(), subscription_id=client.subscription_id, tenant_id=client.tenant_id)
    with quick_aliases.left_to_the_engine():
        outputs = build(place, read)
    for name, value in outputs.items():
        pulumi.export(name, value)


if __name__ == "__main__":
    main()

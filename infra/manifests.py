"""Print the objects that a stack's Kubernetes cluster keeps by its Git repository: commit them there.

`.venv/bin/python -m infra.manifests STACK > objects.yaml`
"""

import sys

import yaml

from infra import settings
from infra.instance_types import manifests
from infra.preflight.stack import StackError, find, load


def main(arguments: list[str]) -> int:
    """Print one YAML document an object; 2 when there is nothing to print, with the reason."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m infra.manifests STACK\n")
        return 2
    try:
        found = load(find(arguments[0]))
        read = settings.read(found.path.name.split(".")[1], found.config)
    except (StackError, settings.SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if read.kubernetes is None:
        sys.stderr.write(f"{found.path} has no aml-kit:kubernetes, so there are no objects\n")
        return 2
    sys.stdout.write(yaml.safe_dump_all(manifests(read.kubernetes), sort_keys=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

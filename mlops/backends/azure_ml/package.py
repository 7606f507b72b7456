"""This package as Azure ML's jobs carry it: its modules in one file, and the runtime that they need.

The code snapshot of a job is a single archive that Python imports from, the same bytes for the same code, so that
Azure ML keeps it once.  The runtime has the very versions that are installed here: what is counted there is equal.
"""

from __future__ import annotations

import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlops

if TYPE_CHECKING:
    from collections.abc import Mapping

ARCHIVE = "mlops.zip"
IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest"
_NEEDED = ("azure-ai-ml", "azure-identity", "azure-storage-blob", "numpy", "pyarrow", "pydantic", "rich", "ruamel.yaml")
_FOR_TREES = ("lightgbm", "scikit-learn")
_LONG_AGO = (2020, 1, 1, 0, 0, 0)


def archive(folder: Path) -> None:
    """Write this package's modules, and the files beside them, into one archive in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    root = Path(mlops.__path__[0])
    files = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix in {".py", ".json", ".jinja"})
    with zipfile.ZipFile(folder / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as made:
        for path in files:
            name = zipfile.ZipInfo(f"mlops/{path.relative_to(root).as_posix()}", _LONG_AGO)
            made.writestr(name, path.read_bytes(), zipfile.ZIP_DEFLATED)


def command(module: str) -> str:
    """Give the command line that runs a module of the archive; numpy's own threads would change a sum's last digit."""
    return f"OPENBLAS_NUM_THREADS=1 COLUMNS=160 PYTHONPATH={ARCHIVE} python -m {module}"


def runtime() -> Mapping[str, Any]:
    """Give the environment of the jobs, as Azure ML's YAML has it."""
    packages = [f"{name}=={version(name)}" for name in (*_NEEDED, *_FOR_TREES)]
    dependencies = ["python=3.11", "pip", {"pip": packages}]
    return {"image": IMAGE, "conda_file": {"name": "mlops", "channels": ["conda-forge"], "dependencies": dependencies}}

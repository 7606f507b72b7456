"""Deployments of MLflow models without code: the scoring script and the runtime that Azure makes up for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from environments.local.machine_learning.runtime_spec import RuntimeRefusedError, RuntimeSpec, read_environment

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = "mlflow_score.py"
_SERVING = ("azureml-inference-server-http", "azureml-ai-monitoring", "pandas")
_SCORE = '''"""Made for an MLflow model that was deployed without a scoring script."""

import json
import os
import pathlib

import mlflow.pyfunc
import numpy
import pandas

MODEL = None


def init():
    global MODEL
    folder = next(pathlib.Path(os.environ["AZUREML_MODEL_DIR"]).rglob("MLmodel")).parent
    MODEL = mlflow.pyfunc.load_model(str(folder))


def run(body):
    found = MODEL.predict(_read(json.loads(body)))
    if isinstance(found, pandas.DataFrame):
        return found.to_dict("records")
    return numpy.asarray(found).tolist()


def _read(asked):
    if "dataframe_split" in asked:
        return pandas.DataFrame(**asked["dataframe_split"])
    data = asked["input_data"]
    if isinstance(data, dict) and "data" in data:
        return pandas.DataFrame(data["data"], columns=data.get("columns"), index=data.get("index"))
    if isinstance(data, dict):
        return {name: numpy.asarray(values) for name, values in data.items()}
    return pandas.DataFrame(data) if data and isinstance(data[0], dict) else numpy.asarray(data)
'''


def write_script(folder: Path) -> None:
    """Put the scoring script into a deployment's code folder."""
    (folder / SCRIPT).write_text(_SCORE)


def read_runtime(model: Path) -> RuntimeSpec:
    """Read what the model says that it needs.  Raises RuntimeRefusedError where it says nothing."""
    described = next(iter(sorted(model.rglob("MLmodel"))), None)
    if described is None:
        raise RuntimeRefusedError("the model has no MLmodel file; a deployment without code needs an MLflow model.")
    conda = described.parent / "conda.yaml"
    if not conda.exists():
        raise RuntimeRefusedError("the MLflow model has no conda.yaml; give the deployment an environment.")
    read = read_environment("of the MLflow model", {"image": "", "condaFile": conda.read_text()})
    flavours = yaml.safe_load(described.read_text()) or {}
    version = flavours.get("mlflow_version")
    named = any(line.startswith("mlflow") for line in read.requirements)
    own = () if named else (f"mlflow-skinny=={version}" if version else "mlflow-skinny",)
    return RuntimeSpec(python=read.python, requirements=(*read.requirements, *own, *_SERVING), image=read.image)

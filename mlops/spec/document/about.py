"""Who the project is, and its model."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from mlops.spec.document.part import Part
from mlops.spec.fields import Name, Said


class Risk(Part):
    """What the model may do wrong."""

    tier: Literal["low", "medium", "high"] | None = Field(default=None, description="decides how many must approve it")
    ai_act: Literal["minimal", "limited", "high", "prohibited"] | None = Field(
        default=None, description="its class under Regulation (EU) 2024/1689"
    )


class Metadata(Part):
    """Who this is, and what people say of it: `records export` writes it, nothing here has a default."""

    name: Name = Field(description="the project's name")
    owner: Said | None = Field(default=None, description="who answers for the model")
    alert_owner: Said | None = Field(default=None, description="who hears its alerts")
    intended_use: Said | None = Field(default=None, description="what it is for")
    licence: Said | None = Field(default=None, description="under which it is used")
    risk: Risk = Field(default=Risk(), description="what it may do wrong")


class Model(Part):
    """The registered model that candidates become versions of."""

    name: Name = Field(description="the model's name in the workspace's registry")
    format: Said | None = Field(default=None, description="in which it is saved: onnx, safetensors, skops, mlflow, …")
    card: Path | None = Field(
        default=None, description="model card: Markdown whose front matter says status, version and updated"
    )

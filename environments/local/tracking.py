"""`python -m environments.local.tracking PORT FOLDER`: the stock MLflow server, in one process.

`mlflow server` does the same with two processes and twice the start-up time: it sets these variables and starts this
application under uvicorn.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"


def main(port: int, folder: Path) -> None:
    """Serve until killed; the state lies in the folder."""
    import uvicorn  # noqa: PLC0415 - the variables above come first
    from mlflow.server import constants, handlers  # noqa: PLC0415 - six seconds

    backend = f"sqlite:///{folder / 'mlflow.db'}"
    artifacts = str(folder / "artifacts")
    os.environ.update(
        {
            constants.BACKEND_STORE_URI_ENV_VAR: backend,
            constants.ARTIFACT_ROOT_ENV_VAR: "mlflow-artifacts:/",
            constants.ARTIFACTS_DESTINATION_ENV_VAR: artifacts,
            constants.SERVE_ARTIFACTS_ENV_VAR: "true",
        }
    )
    handlers.initialize_backend_stores(backend, backend, "mlflow-artifacts:/")
    uvicorn.run("mlflow.server.fastapi_app:app", host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

"""Bodies that azure-ai-ml's own entities make, as they travel: nothing here is written by hand but the entities."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import azure.ai.ml as sdk
from azure.ai.ml import Input, Output, automl, command, entities, spark
from azure.ai.ml._restclient.arm_ml_service._utils.model_base import SdkJSONEncoder
from azure.ai.ml.sweep import BanditPolicy, Choice, MedianStoppingPolicy, TruncationSelectionPolicy, Uniform

from tests.environments.local.validation.valid import Valid

if TYPE_CHECKING:
    from collections.abc import Iterator

ml: Any = entities  # its annotations are narrower than what it takes and sends
dsl: Any = sdk.dsl

_WORKSPACE = (
    "/subscriptions/a3f5c1d0-0000-4000-8000-10ca1a2c0001/resourceGroups/rg/providers"
    "/Microsoft.MachineLearningServices/workspaces/ws"
)
_GUID = "a3f5c1d0-0000-4000-8000-10ca1a2c0003"
_CPU = f"{_WORKSPACE}/computes/cpu"
_CODE = f"{_WORKSPACE}/codes/c/versions/1"
_RUNTIME = f"{_WORKSPACE}/environments/e/versions/1"
_MODEL = f"{_WORKSPACE}/models/m/versions/1"
_COMPONENT = f"{_WORKSPACE}/components/train/versions/1"
_FOLDER = Input(type="uri_folder", path="azureml://datastores/workspaceblobstore/paths/x/")
_TABLE = Input(type="mltable", path="azureml://datastores/workspaceblobstore/paths/t/")


def bodies() -> tuple[Valid, ...]:
    """One of each kind that the SDK puts, as the REST client would send it."""
    return tuple(
        Valid(f"Microsoft.MachineLearningServices/{kind}", version, _sent(made))
        for group in (_computes, _datastores, _assets, _jobs, _endpoints, _schedules, _connections, _others)
        for kind, version, made in group()
    )


def _sent(made: Any) -> dict[str, Any]:  # noqa: ANN401 - the SDK's models have no types
    found: dict[str, Any] = json.loads(json.dumps(made, cls=SdkJSONEncoder, exclude_readonly=True))
    return {key: value for key, value in found.items() if key not in {"id", "name", "type", "systemData"}}


def _computes() -> Iterator[tuple[str, str, Any]]:
    identity = ml.IdentityConfiguration(type="system_assigned")
    for each in (
        ml.AmlCompute(name="cpu", location="eastus", size="Standard_DS3_v2", max_instances=2, tier="low_priority"),
        ml.AmlCompute(name="gpu", location="eastus", size="Standard_NC6s_v3", max_instances=1, identity=identity),
        ml.ComputeInstance(name="ci", location="eastus", size="Standard_DS3_v2", idle_time_before_shutdown_minutes=30),
    ):
        yield "workspaces/computes", "2023-08-01-preview", each._to_rest_object()


def _datastores() -> Iterator[tuple[str, str, Any]]:
    key = ml.AccountKeyConfiguration(account_key="a2V5")
    principal = ml.ServicePrincipalConfiguration(tenant_id=_GUID, client_id=_GUID, client_secret="x")
    for each in (
        ml.AzureBlobDatastore(name="a", account_name="acc", container_name="c", credentials=key, tags={"a": "b"}),
        ml.AzureBlobDatastore(name="b", account_name="acc", container_name="c"),
        ml.AzureBlobDatastore(
            name="c", account_name="acc", container_name="c", credentials=ml.SasTokenConfiguration(sas_token="sv=1")
        ),
        ml.AzureFileDatastore(name="d", account_name="acc", file_share_name="s", credentials=key),
        ml.AzureDataLakeGen2Datastore(name="e", account_name="acc", filesystem="f", credentials=principal),
    ):
        yield "workspaces/datastores", "2024-10-01-preview", each._to_rest_object()


def _assets() -> Iterator[tuple[str, str, Any]]:
    uri = "azureml://datastores/workspaceblobstore/paths/x"
    for kind in ("uri_file", "uri_folder"):
        data = ml.Data(name="d", version="1", path=uri, type=kind, description="x", tags={"a": "b"})
        yield "workspaces/data/versions", "2023-04-01-preview", data._to_rest_object()
    route = {"path": "/score", "port": 5001}
    for runtime in (
        ml.Environment(name="e", version="1", image="python:3.11", conda_file={"dependencies": ["python=3.11"]}),
        ml.Environment(
            name="f",
            version="1",
            image="python:3.11",
            inference_config={"liveness_route": route, "readiness_route": route, "scoring_route": route},
        ),
    ):
        yield "workspaces/environments/versions", "2023-04-01-preview", runtime._to_rest_object()
    for model in (
        ml.Model(name="m", version="1", path=uri, type="custom_model", tags={"a": "b"}, properties={"z": "1"}),
        ml.Model(name="n", version="1", path=uri, type="mlflow_model", flavors={"sklearn": {"x": "1"}}),
    ):
        yield "workspaces/models/versions", "2023-08-01-preview", model._to_rest_object()
        yield "registries/models/versions", "2021-10-01-dataplanepreview", model._to_rest_object()
    yield "workspaces/components/versions", "2024-01-01-preview", _component().component._to_rest_object()
    entity = ml.FeatureStoreEntity(name="f", version="1", index_columns=[ml.DataColumn(name="id", type="string")])
    yield "workspaces/featurestoreEntities/versions", "2023-10-01", entity._to_rest_object()


def _component() -> Any:  # noqa: ANN401
    return command(
        name="train",
        version="1",
        code=_CODE,
        command="echo ${{inputs.lr}} ${{inputs.data}} ${{outputs.m}}",
        environment=_RUNTIME,
        inputs={"lr": Input(type="number", default=0.1, min=0, max=1), "data": Input(type="uri_folder")},
        outputs={"m": Output(type="uri_folder")},
    )


def _command(**more: object) -> Any:  # noqa: ANN401
    settings: dict[str, Any] = {
        "code": _CODE,
        "command": "python a.py ${{inputs.lr}}",
        "environment": _RUNTIME,
        "compute": _CPU,
        "inputs": {"lr": 0.1, "k": 3, "b": True, "s": "text", "d": _FOLDER},
        "outputs": {"o": Output(type="uri_folder", mode="rw_mount"), "m": Output(type="custom_model")},
        "display_name": "shown",
        "experiment_name": "exp",
        "tags": {"t": "u"},
    }
    return command(**{**settings, **more})


def _jobs() -> Iterator[tuple[str, str, Any]]:
    new, old = "2025-01-01-preview", "2024-01-01-preview"
    for each in (
        _command(environment_variables={"A": "b"}, instance_count=2, shm_size="2g", timeout=100),
        _command(distribution={"type": "pytorch", "process_count_per_instance": 2}),
        _command(distribution={"type": "mpi", "process_count_per_instance": 2}),
        _command(distribution={"type": "tensorflow", "worker_count": 2, "parameter_server_count": 1}),
        _command(identity=ml.ManagedIdentityConfiguration(client_id=_GUID)),
        _command(services={"lab": ml.JupyterLabJobService(), "tb": ml.TensorBoardJobService(log_dir="x")}),
    ):
        yield "workspaces/jobs", new, each._to_job()._to_rest_object()
    for policy, algorithm in (
        (BanditPolicy(slack_factor=0.1, evaluation_interval=2, delay_evaluation=1), "random"),
        (MedianStoppingPolicy(evaluation_interval=2), "bayesian"),
        (TruncationSelectionPolicy(truncation_percentage=20), "grid"),
    ):
        yield "workspaces/jobs", old, _sweep(policy, algorithm)._to_job()._to_rest_object()
    yield "workspaces/jobs", old, _pipeline()._to_rest_object()
    yield "workspaces/jobs", old, _automl("classification", "accuracy")._to_rest_object()
    yield "workspaces/jobs", old, _automl("regression", "r2_score")._to_rest_object()
    job = spark(
        code=_CODE,
        entry={"file": "a.py"},
        driver_cores=1,
        driver_memory="2g",
        executor_cores=1,
        executor_memory="2g",
        executor_instances=1,
        resources={"instance_type": "Standard_E8S_V3", "runtime_version": "3.4"},
    )
    yield "workspaces/jobs", old, job._to_job()._to_rest_object()


def _sweep(policy: Any, algorithm: str) -> Any:  # noqa: ANN401
    trial = command(
        code=_CODE,
        command="python a.py ${{inputs.lr}} ${{inputs.k}}",
        environment=_RUNTIME,
        compute=_CPU,
        inputs={"lr": 0.1, "k": 1},
    )
    found = trial(lr=Uniform(0.1, 0.9), k=Choice([1, 2])).sweep(
        primary_metric="loss", goal="Minimize", sampling_algorithm=algorithm
    )
    found.set_limits(max_total_trials=4, max_concurrent_trials=2, timeout=1000, trial_timeout=100)
    found.early_termination = policy
    return found


def _pipeline() -> Any:  # noqa: ANN401
    step = _component()

    @dsl.pipeline(compute="cpu", description="two steps")
    def steps(data, lr=0.2):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - the SDK reads annotations
        first = step(data=data, lr=lr)
        second = step(data=first.outputs.m, lr=0.3)
        for each in (first, second):
            each._component = _COMPONENT
        return {"out": second.outputs.m}

    found = steps(data=_FOLDER)
    found.settings.default_datastore = "workspaceblobstore"
    found.settings.force_rerun = True
    return found


def _automl(task: str, metric: str) -> Any:  # noqa: ANN401
    found = getattr(automl, task)(
        compute="cpu", experiment_name="e", training_data=_TABLE, target_column_name="y", primary_metric=metric
    )
    found.set_limits(timeout_minutes=60, max_trials=3, enable_early_termination=True)
    return found


def _endpoints() -> Iterator[tuple[str, str, Any]]:
    online = ml.ManagedOnlineEndpoint(name="ep1", auth_mode="aad_token", tags={"a": "b"})
    online.traffic, online.mirror_traffic = {"blue": 90, "green": 10}, {"green": 20}
    for version in ("2022-02-01-preview", "2025-12-01"):
        yield "workspaces/onlineEndpoints", version, online._to_rest_online_endpoint("eastus")
    probe = ml.ProbeSettings(initial_delay=10, period=10, timeout=2, success_threshold=1, failure_threshold=30)
    code = ml.CodeConfiguration(code=_CODE, scoring_script="score.py")
    for each in (
        ml.ManagedOnlineDeployment(
            name="blue",
            endpoint_name="ep1",
            model=_MODEL,
            environment=_RUNTIME,
            code_configuration=code,
            instance_type="Standard_DS3_v2",
            instance_count=1,
            environment_variables={"A": "b"},
            request_settings=ml.OnlineRequestSettings(request_timeout_ms=3000, max_queue_wait_ms=100),
            liveness_probe=probe,
            readiness_probe=probe,
            data_collector=ml.DataCollector(
                collections={"model_inputs": ml.DeploymentCollection(enabled="true")}, sampling_rate=0.5
            ),
        ),
        ml.KubernetesOnlineDeployment(
            name="edge",
            endpoint_name="ep1",
            model=_MODEL,
            environment=_RUNTIME,
            code_configuration=code,
            scale_settings=ml.TargetUtilizationScaleSettings(min_instances=1, max_instances=2, polling_interval=10),
        ),
    ):
        yield "workspaces/onlineEndpoints/deployments", "2023-04-01-preview", each._to_rest_object("eastus")
    batch = ml.BatchEndpoint(name="bat", defaults={"deployment_name": "bd"}, tags={"a": "b"})
    yield "workspaces/batchEndpoints", "2023-10-01", batch._to_rest_batch_endpoint("eastus")
    deployment = ml.ModelBatchDeployment(
        name="bd",
        endpoint_name="bat",
        model=_MODEL,
        environment=_RUNTIME,
        code_configuration=code,
        compute=_CPU,
        settings=ml.ModelBatchDeploymentSettings(
            instance_count=1,
            mini_batch_size=10,
            output_action="append_row",
            output_file_name="p.csv",
            retry_settings=ml.BatchRetrySettings(max_retries=3, timeout=30),
            logging_level="info",
        ),
    )
    yield "workspaces/batchEndpoints/deployments", "2024-01-01-preview", deployment._to_rest_object("eastus")


def _schedules() -> Iterator[tuple[str, str, Any]]:
    pattern = ml.RecurrencePattern(hours=10, minutes=[0, 30], week_days=["monday", "friday"])
    weekly = ml.RecurrenceTrigger(
        frequency="week", interval=1, schedule=pattern, start_time=datetime(2030, 1, 1, tzinfo=UTC)
    )
    for trigger in (weekly, ml.CronTrigger(expression="0 10 * * *")):
        schedule = ml.JobSchedule(name="s", trigger=trigger, create_job=_pipeline())
        yield "workspaces/schedules", "2023-06-01-preview", schedule._to_rest_object()
    monitor = ml.MonitorSchedule(
        name="m", trigger=ml.RecurrenceTrigger(frequency="day", interval=1), create_monitor=_monitor()
    )
    yield "workspaces/schedules", "2023-06-01-preview", monitor._to_rest_object()


def _monitor() -> Any:  # noqa: ANN401
    window = ml.BaselineDataRange(lookback_window_size="P7D", lookback_window_offset="P0D")
    served = ml.ProductionData(input_data=_FOLDER, data_context="model_inputs", data_window=window)
    reference = ml.ReferenceData(input_data=_TABLE, data_context="training", data_column_names={"target_column": "y"})
    drift = ml.DataDriftSignal(
        production_data=served,
        reference_data=reference,
        features=ml.MonitorFeatureFilter(top_n_feature_importance=5),
        metric_thresholds=ml.DataDriftMetricThreshold(
            numerical=ml.NumericalDriftMetrics(jensen_shannon_distance=0.01),
            categorical=ml.CategoricalDriftMetrics(pearsons_chi_squared_test=0.02),
        ),
    )
    prediction = ml.PredictionDriftSignal(
        production_data=served,
        reference_data=reference,
        metric_thresholds=ml.PredictionDriftMetricThreshold(
            numerical=ml.NumericalDriftMetrics(normalized_wasserstein_distance=0.01)
        ),
    )
    quality = ml.DataQualitySignal(
        production_data=served,
        reference_data=reference,
        features=["a", "b"],
        metric_thresholds=ml.DataQualityMetricThreshold(numerical=ml.DataQualityMetricsNumerical(null_value_rate=0.01)),
    )
    return ml.MonitorDefinition(
        compute=ml.ServerlessSparkCompute(instance_type="standard_e4s_v3", runtime_version="3.4"),
        monitoring_signals={"drift": drift, "prediction": prediction, "quality": quality},
        monitoring_target=ml.MonitoringTarget(ml_task="classification", model_id=_MODEL),
        alert_notification=ml.AlertNotification(emails=["a@example.com"]),
    )


def _connections() -> Iterator[tuple[str, str, Any]]:
    pat = ml.PatTokenConfiguration(pat="p")
    password = ml.UsernamePasswordConfiguration(username="u", password="p")
    key = ml.AccessKeyConfiguration(access_key_id="a", secret_access_key="b")
    for each in (
        ml.WorkspaceConnection(name="a", type="python_feed", target="https://x", credentials=None),
        ml.WorkspaceConnection(name="b", type="git", target="https://x", credentials=pat),
        ml.WorkspaceConnection(name="c", type="snowflake", target="jdbc:x", credentials=password),
        ml.WorkspaceConnection(name="d", type="s3", target="x", credentials=key),
        ml.AzureOpenAIConnection(name="e", azure_endpoint="https://x", api_key="k", api_version="2024-02-01"),
        ml.AzureAIServicesConnection(name="f", endpoint="https://x", api_key="k", ai_services_resource_id="/x"),
        ml.AzureBlobStoreConnection(
            name="g",
            url="https://x",
            container_name="c",
            account_name="a",
            credentials=ml.AccountKeyConfiguration(account_key="k"),
        ),
    ):
        yield "workspaces/connections", "2024-04-01-preview", each._to_rest_object()


def _others() -> Iterator[tuple[str, str, Any]]:
    serverless = ml.ServerlessEndpoint(name="s", model_id="azureml://registries/r/models/m", location="eastus")
    yield "workspaces/serverlessEndpoints", "2024-01-01-preview", serverless._to_rest_object()
    market = ml.MarketplaceSubscription(name="m", model_id="azureml://registries/r/models/m")
    yield "workspaces/marketplaceSubscriptions", "2024-01-01-preview", market._to_rest_object()
    account = ml.SystemCreatedStorageAccount(storage_account_hns=False, storage_account_type="standard_lrs")
    region = ml.RegistryRegionDetails(
        location="eastus",
        storage_config=account,
        acr_config=[ml.SystemCreatedAcrAccount(acr_account_sku="Premium")],
    )
    registry = ml.Registry(name="r", location="eastus", tags={"a": "b"}, replication_locations=[region])
    yield "registries", "2022-10-01-preview", registry._to_rest_object()
    for rule in (
        ml.FqdnDestination(name="r1", destination="packages.example.com"),
        ml.ServiceTagDestination(name="r2", service_tag="DataFactory", protocol="TCP", port_ranges="80,8080-8089"),
        ml.PrivateEndpointDestination(
            name="r3", service_resource_id="/x", subresource_target="blob", spark_enabled=False
        ),
    ):
        yield "workspaces/outboundRules", "2024-10-01-preview", {"properties": rule._to_rest_object()}

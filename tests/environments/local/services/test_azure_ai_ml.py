"""Unmodified azure-ai-ml programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.environments.local.services.platform import make_group, run_program

if TYPE_CHECKING:
    from tests.environments.running import LocalAzure


def test_a_workspace_with_all_that_it_needs_is_made_changed_and_deleted(local_azure: LocalAzure) -> None:
    make_group(local_azure, "sdk")
    found = run_program(
        local_azure,
        """
        ml = MLClient(credential, subscription, "sdk")
        answers["before"] = failure(lambda: ml.workspaces.get("made"))
        made = ml.workspaces.begin_create(Workspace(name="made", location="eastus", tags={"a": "b"})).result()
        answers["made"] = [made.name, made.location, made.tags["a"]]
        ml = MLClient(credential, subscription, "sdk", "made")
        answers["datastores"] = {each.name: each.container_name for each in ml.datastores.list()}
        answers["default"] = ml.datastores.get_default().name
        answers["keys"] = bool(ml.workspaces.get_keys("made").user_storage_key)
        made.description = "changed"
        answers["changed"] = ml.workspaces.begin_update(made).result().description
        answers["listed"] = [each.name for each in ml.workspaces.list()]
        ml.workspaces.begin_delete("made", delete_dependent_resources=True, permanently_delete=True).result()
        answers["after"] = failure(lambda: ml.workspaces.get("made"))
        """,
    )
    containers = found.pop("datastores")
    assert set(containers) == {"workspaceblobstore", "workspaceartifactstore"}
    assert containers["workspaceblobstore"].startswith("azureml-blobstore-")
    assert found == {
        "before": ["ResourceNotFoundError", "ResourceNotFound"],
        "made": ["made", "eastus", "b"],
        "default": "workspaceblobstore",
        "keys": True,
        "changed": "changed",
        "listed": ["made"],
        "after": ["ResourceNotFoundError", "ResourceNotFound"],
    }
    left = local_azure.arm("GET", f"{local_azure.subscription}/resourceGroups/sdk/resources", "2024-03-01").json()
    kinds = {each["type"] for each in left["value"]}
    assert not kinds & {"Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults"}


def test_assets_are_uploaded_versioned_listed_archived_and_downloaded(local_azure: LocalAzure, workspace: str) -> None:
    found = run_program(
        local_azure,
        """
        ml = MLClient(credential, subscription, "services", "shared")
        (folder / "a.csv").write_text("x,y\\n1,2\\n")
        data = ml.data.create_or_update(Data(name="iris", version="1", path=str(folder), type="uri_folder"))
        answers["latest"] = ml.data.get("iris", label="latest").version
        model = lambda **more: Model(name="m", path=str(folder / "a.csv"), **more)
        answers["models"] = [ml.models.create_or_update(model()).version for _ in range(2)]
        ml.models.archive("m", version="1")
        answers["active"] = [each.version for each in ml.models.list(name="m")]
        ml.models.restore("m", version="1")
        answers["restored"] = [each.version for each in ml.models.list(name="m")]
        ml.models.download("m", "2", download_path=str(folder / "got"))
        answers["downloaded"] = [file.read_text() for file in (folder / "got").rglob("*.csv")]
        path = ml.models.get("m", "2").path
        answers["tagged"] = ml.models.create_or_update(Model(name="m", version="2", path=path, tags={"q": "1"})).tags
        conda = {"dependencies": ["python=3.11"]}
        environment = Environment(name="e", version="1", image="mcr.microsoft.com/x", conda_file=conda)
        answers["environment"] = ml.environments.create_or_update(environment).version
        answers["again"] = ml.environments.create_or_update(environment).version
        source = folder / "src"
        source.mkdir()
        (source / "t.py").write_text("print(1)")
        (folder / "c.yml").write_text("name: c\\nversion: 1\\ntype: command\\ncode: ./src\\n"
            "environment: azureml:e:1\\ncommand: python t.py ${{inputs.n}}\\n"
            "inputs: {n: {type: integer, default: 3}}\\n")
        component = ml.components.create_or_update(load_component(str(folder / "c.yml")))
        answers["component"] = [component.name, component.version, list(component.inputs)]
        kinds = (ml.data, ml.environments, ml.components)
        answers["names"] = [[each.name for each in kind.list()] for kind in kinds]
        """,
    )
    assert found == {
        "latest": "1",
        "models": ["1", "2"],
        "active": ["2"],
        "restored": ["1", "2"],
        "downloaded": ["x,y\n1,2\n"],
        "tagged": {"q": "1"},
        "environment": "1",
        "again": "1",
        "component": ["c", "1", ["n"]],
        "names": [["iris"], ["e"], ["c"]],
    }
    assert workspace.endswith("/shared")


def test_what_azure_would_refuse_is_refused_to_the_sdk_as_azure_does(local_azure: LocalAzure, workspace: str) -> None:
    found = run_program(
        local_azure,
        """
        ml = MLClient(credential, subscription, "services", "shared")
        for name in ("one", "two"):
            (folder / name).mkdir()
            (folder / name / "f").write_text(name)
        data = lambda name: Data(name="fixed", version="1", path=str(folder / name), type="uri_folder")
        ml.data.create_or_update(data("one"))
        answers["changed data"] = failure(lambda: ml.data.create_or_update(data("two")))
        nothing = Model(name="none", path="azureml://datastores/workspaceblobstore/paths/no/where")
        answers["model of nothing"] = failure(lambda: ml.models.create_or_update(nothing))
        nowhere = Data(name="none", path="azureml://datastores/nowhere/paths/x", type="uri_folder")
        answers["unknown datastore"] = failure(lambda: ml.data.create_or_update(nowhere))
        (folder / "c.yml").write_text("name: none\\nversion: 1\\ntype: command\\n"
            "environment: azureml:none:1\\ncommand: echo\\n")
        component = load_component(str(folder / "c.yml"))
        answers["unknown environment"] = failure(lambda: ml.components.create_or_update(component))
        answers["unknown compute"] = failure(lambda: ml.compute.get("none"))
        bad = AmlCompute(name="bad", size="Standard_DS3_v2", min_instances=5, max_instances=2)
        answers["impossible cluster"] = failure(lambda: ml.compute.begin_create_or_update(bad).result())
        answers["default datastore"] = failure(lambda: ml.datastores.delete("workspaceblobstore"))
        """,
    )
    assert found == {
        "changed data": ["ResourceExistsError", "AssetVersionImmutable"],
        "model of nothing": ["HttpResponseError", "ModelPathNotFound"],
        "unknown datastore": ["ResourceNotFoundError", "DatastoreNotFound"],
        "unknown environment": ["HttpResponseError", "InvalidResourceReference"],
        "unknown compute": ["ResourceNotFoundError", "ResourceNotFound"],
        "impossible cluster": ["HttpResponseError", "InvalidRequestContent"],
        "default datastore": ["HttpResponseError", "UserError"],
    }
    assert workspace.endswith("/shared")


def test_computes_connections_and_serverless_endpoints_live_and_go(local_azure: LocalAzure, workspace: str) -> None:
    found = run_program(
        local_azure,
        """
        ml = MLClient(credential, subscription, "services", "shared")
        cluster = AmlCompute(name="cpu", size="Standard_DS3_v2", min_instances=0, max_instances=2)
        made = ml.compute.begin_create_or_update(cluster).result()
        answers["cluster"] = [made.name, made.min_instances, made.max_instances]
        made.max_instances = 3
        answers["grown"] = ml.compute.begin_update(made).result().max_instances
        ml.compute.begin_create_or_update(ComputeInstance(name="ci-1", size="Standard_DS3_v2")).result()
        ml.compute.begin_stop("ci-1").result()
        answers["stopped"] = ml.compute.get("ci-1").state.value
        ml.compute.begin_delete("ci-1").result()
        answers["computes"] = [each.name for each in ml.compute.list()]
        secret = ApiKeyConfiguration(key="k")
        connection = WorkspaceConnection(name="c", type="custom", target="https://x", credentials=secret)
        ml.connections.create_or_update(connection)
        answers["hidden"] = ml.connections.get("c").credentials.get("key")
        answers["shown"] = ml.connections.get("c", populate_secrets=True).credentials.key
        ml.connections.delete("c")
        answers["connections"] = [each.name for each in ml.connections.list()]
        endpoint = ServerlessEndpoint(name="sl", model_id="azureml://registries/azureml-meta/models/Llama")
        answers["serverless"] = ml.serverless_endpoints.begin_create_or_update(endpoint).result().provisioning_state
        answers["key"] = len(ml.serverless_endpoints.get_keys("sl").primary_key) > 20
        ml.serverless_endpoints.begin_delete("sl").result()
        subscription_ = MarketplaceSubscription(name="mp", model_id="azureml://registries/azureml-meta/models/Llama")
        subscribed = ml.marketplace_subscriptions.begin_create_or_update(subscription_).result()
        answers["offer"] = subscribed.marketplace_plan.offer_id
        ml.marketplace_subscriptions.begin_delete("mp").result()
        """,
    )
    assert found == {
        "cluster": ["cpu", 0, 2],
        "grown": 3,
        "stopped": "Stopped",
        "computes": ["cpu"],
        "hidden": None,
        "shown": "k",
        "connections": [],
        "serverless": "succeeded",
        "key": True,
        "offer": "Llama",
    }
    assert workspace.endswith("/shared")


def test_a_registry_takes_shares_and_gives_back_the_same_bytes(local_azure: LocalAzure, workspace: str) -> None:
    found = run_program(
        local_azure,
        """
        from azure.ai.ml.entities._registry.registry_support_classes import (
            RegistryRegionDetails, SystemCreatedAcrAccount, SystemCreatedStorageAccount)
        storage = SystemCreatedStorageAccount(
            storage_account_hns=False, storage_account_type="Standard_LRS", replication_count=1)
        region = RegistryRegionDetails(
            location="eastus", storage_config=storage, acr_config=[SystemCreatedAcrAccount(acr_account_sku="Premium")])
        top = MLClient(credential, subscription, "services")
        top.registries.begin_create(Registry(name="shelf", location="eastus", replication_locations=[region])).result()
        answers["registries"] = [each.name for each in top.registries.list()]
        ml = MLClient(credential, subscription, "services", "shared")
        shelf = MLClient(credential, registry_name="shelf")
        (folder / "deep").mkdir()
        (folder / "deep" / "model.bin").write_bytes(bytes(range(256)))
        ml.models.create_or_update(Model(name="tree", version="1", path=str(folder / "deep")))
        ml.models.share("tree", "1", registry_name="shelf", share_with_name="tree", share_with_version="7")
        answers["id"] = shelf.models.get("tree", "7").id
        shelf.models.download("tree", "7", download_path=str(folder / "got"))
        answers["same"] = [f.read_bytes() == bytes(range(256)) for f in (folder / "got").rglob("model.bin")]
        shelf.models.create_or_update(Model(name="own", version="1", path=str(folder / "deep")))
        answers["models"] = [each.name for each in shelf.models.list()]
        shelf.environments.create_or_update(Environment(name="e", version="1", image="mcr.microsoft.com/x"))
        (folder / "c.yml").write_text("name: c\\nversion: 1\\ntype: command\\ncommand: echo\\n"
            "environment: azureml://registries/shelf/environments/e/versions/1\\n")
        answers["component"] = shelf.components.create_or_update(load_component(str(folder / "c.yml"))).id
        missing = dict(registry_name="shelf", share_with_name="n", share_with_version="1")
        answers["missing"] = failure(lambda: ml.models.share("none", "1", **missing))[0]
        """,
    )
    assert found == {
        "registries": ["shelf"],
        "id": "azureml://registries/shelf/models/tree/versions/7",
        "same": [True],
        "models": ["tree", "own"],
        "component": "azureml://registries/shelf/components/c/versions/1",
        "missing": "HttpResponseError",
    }
    assert workspace.endswith("/shared")

"""What somebody new to Azure ML writes in a first week, with nothing in it that knows of the local environment.

Prints one JSON object: what each step came to.
"""

import json
import os
import tempfile
import uuid
from pathlib import Path

from azure.ai.ml import Input, MLClient, Output, command, dsl, load_component
from azure.ai.ml.entities import (
    AmlCompute,
    CodeConfiguration,
    CronTrigger,
    Data,
    Environment,
    JobSchedule,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
    Model,
    Workspace,
)
from azure.ai.ml.exceptions import JobException
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential

GROUP = os.environ["EXAMPLE_GROUP"]
CONDA = os.environ["EXAMPLE_CONDA"]
WORK = Path(tempfile.mkdtemp())
found: dict[str, object] = {}

credential = DefaultAzureCredential()
client = MLClient(credential, os.environ["AZURE_SUBSCRIPTION_ID"], GROUP, "first-week", enable_telemetry=False)
client.workspaces.begin_create(Workspace(name="first-week", location="eastus")).result()
client.compute.begin_create_or_update(AmlCompute(name="cpu", size="Standard_DS3_v2", max_instances=2)).result()
plain = client.environments.create_or_update(Environment(name="plain", image="python:3.11"))
found["workspaces"] = [each.name for each in client.workspaces.list()]
found["blobstores"] = sorted(each.name for each in client.datastores.list() if each.type == "AzureBlob")

# Data, a job that reads it, its log and its output.
(WORK / "numbers.csv").write_text("1\n2\n3\n")
data = client.data.create_or_update(Data(name="numbers", path=str(WORK / "numbers.csv"), type="uri_file"))
(WORK / "src").mkdir()
(WORK / "src" / "add.py").write_text(
    "import sys\nfrom pathlib import Path\n"
    "total = sum(int(line) for line in Path(sys.argv[1]).read_text().split())\n"
    "print('total', total)\n"
    "Path(sys.argv[2]).mkdir(parents=True, exist_ok=True)\n"
    "Path(sys.argv[2], 'total.txt').write_text(str(total))\n"
)
adding = command(
    code=str(WORK / "src"),
    command="python add.py ${{inputs.numbers}} ${{outputs.total}}",
    inputs={"numbers": Input(type="uri_file", path=f"azureml:numbers:{data.version}")},
    outputs={"total": Output(type="uri_folder")},
    environment=f"plain:{plain.version}",
    compute="cpu",
)
job = client.jobs.create_or_update(adding)
client.jobs.stream(job.name)
client.jobs.download(job.name, download_path=WORK / "got", output_name="total")
found["total"] = next((WORK / "got").rglob("total.txt")).read_text()
found["completed"] = client.jobs.get(job.name).status == "Completed"

# One that fails, and one that is cancelled.
failing = client.jobs.create_or_update(
    command(command="echo so be it && exit 3", environment=f"plain:{plain.version}", compute="cpu")
)
try:
    client.jobs.stream(failing.name)
except JobException as error:
    found["failure"] = type(error).__name__
long = client.jobs.create_or_update(command(command="sleep 300", environment=f"plain:{plain.version}", compute="cpu"))
client.jobs.begin_cancel(long.name).result()

# A component, and a pipeline of two of it.
(WORK / "double.yml").write_text(
    "type: command\nname: double\nversion: '1'\ninputs: {text: {type: string}}\noutputs: {out: {type: uri_folder}}\n"
    f"environment: azureml:plain:{plain.version}\n"
    "command: mkdir -p ${{outputs.out}} && echo ${{inputs.text}}${{inputs.text}} | tee ${{outputs.out}}/text\n"
)
double = client.components.create_or_update(load_component(WORK / "double.yml"))


def steps() -> dict[str, object]:
    """Two of it."""
    double(text="a")
    return {"last": double(text="b").outputs.out}


twice = dsl.pipeline(steps, default_compute="cpu")
pipeline = client.jobs.create_or_update(twice(), experiment_name="doubling")
client.jobs.stream(pipeline.name)
found["children"] = sorted(str(each.display_name) for each in client.jobs.list(parent_job_name=pipeline.name))

# A schedule for it.
schedule = JobSchedule(name="nightly", trigger=CronTrigger(expression="0 3 * * *"), create_job=twice())
client.schedules.begin_create_or_update(schedule).result()
found["schedules"] = [each.name for each in client.schedules.list()]
client.schedules.begin_disable("nightly").result()
client.schedules.begin_delete("nightly").result()

# A model behind an endpoint.
(WORK / "factor.txt").write_text("3")
model = client.models.create_or_update(Model(name="factor", path=str(WORK / "factor.txt"), type="custom_model"))
(WORK / "score").mkdir()
(WORK / "score" / "score.py").write_text(
    "import json, os\nfrom pathlib import Path\n\n"
    "def init():\n    global factor\n"
    "    factor = int(next(Path(os.environ['AZUREML_MODEL_DIR']).rglob('factor.txt')).read_text())\n\n"
    "def run(body):\n    return json.loads(body)['x'] * factor\n"
)
endpoint = f"times-{uuid.uuid4().hex[:8]}"
client.online_endpoints.begin_create_or_update(ManagedOnlineEndpoint(name=endpoint, auth_mode="key")).result()
client.online_deployments.begin_create_or_update(
    ManagedOnlineDeployment(
        name="blue",
        endpoint_name=endpoint,
        model=f"azureml:factor:{model.version}",
        environment=Environment(image="mcr.microsoft.com/azureml/minimal-py312-inference", conda_file=CONDA),
        code_configuration=CodeConfiguration(code=str(WORK / "score"), scoring_script="score.py"),
        instance_type="Standard_DS3_v2",
        instance_count=1,
    )
).result()
serving = client.online_endpoints.get(endpoint)
serving.traffic = {"blue": 100}
client.online_endpoints.begin_create_or_update(serving).result()
(WORK / "request.json").write_text('{"x": 14}')
found["answer"] = client.online_endpoints.invoke(endpoint, request_file=str(WORK / "request.json"))
found["log"] = bool(client.online_deployments.get_logs("blue", endpoint, lines=50))
try:
    client.online_deployments.begin_delete("blue", endpoint).result()
except HttpResponseError as error:
    found["refused"] = error.status_code
client.online_endpoints.begin_delete(endpoint).result()
try:
    client.online_endpoints.get(endpoint)
except ResourceNotFoundError as error:
    found["gone"] = error.status_code

found["cancelled"] = client.jobs.get(long.name).status == "Canceled"
print()
print(json.dumps(found))

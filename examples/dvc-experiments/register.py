"""Registers the winner in MLflow's model registry: `python register.py output.json`, with the output of an execution.

MLFLOW_TRACKING_URI is the output `TrackingUri` of the stack. A second time with the same winner makes no second version.
"""

import json
import sys
from pathlib import Path

from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

NAME = "houses"
ALIAS = "winner"


def main() -> None:
    winner = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["winner"]
    client = MlflowClient()
    run = run_of(client, winner["trainingJob"])
    try:
        client.create_registered_model(NAME)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    found = [version for version in client.search_model_versions(f"name = '{NAME}'") if version.run_id == run]
    version = found[0] if found else client.create_model_version(
        NAME, source=winner["model"], run_id=run, tags={"data_commit_hash": winner["commit"], "dvc_branch": winner["branch"]},
    )
    client.set_registered_model_alias(NAME, ALIAS, version.version)
    registered = client.get_model_version_by_alias(NAME, ALIAS)  # as the registry has it
    print(json.dumps({
        "name": registered.name, "version": str(registered.version), "run": registered.run_id, "source": registered.source,
        "tags": registered.tags,
    }))


def run_of(client: MlflowClient, training_job: str) -> str:
    """The run that the training job has made."""
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    runs = client.search_runs(experiments, filter_string=f"tags.`sagemaker.training_job` = '{training_job}'")
    if len(runs) != 1:
        sys.exit(f"MLflow must have one run of the training job {training_job}, got {len(runs)}")
    return runs[0].info.run_id


if __name__ == "__main__":
    main()

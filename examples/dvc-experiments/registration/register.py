"""Registers the winner in MLflow's model registry: its model, its run, its commit and its branch, with an alias.

The last job of an execution runs it. A second time with the same winner makes no second version: it moves the alias to the first one.
"""

import argparse
import json
import os
from pathlib import Path

from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model-name", required=True)
    parser.add_argument("--alias", default="winner")
    arguments = parser.parse_args()
    name, run = arguments.model_name, os.environ["MLFLOW_RUN_ID"]
    client = MlflowClient()
    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    found = [version for version in client.search_model_versions(f"name = '{name}'") if version.run_id == run]
    version = found[0] if found else client.create_model_version(name, source=os.environ["EXPERIMENT_MODEL_URI"], run_id=run, tags={
        "data_commit_hash": os.environ["DVC_COMMIT"], "dvc_branch": os.environ["DVC_BRANCH"],
        "object_version": os.environ["EXPERIMENT_OBJECT_VERSION"],
    })
    client.set_registered_model_alias(name, arguments.alias, version.version)
    registered = {"name": name, "version": str(version.version), "alias": arguments.alias}
    print(f"registered: {registered}")
    Path(os.environ["SM_OUTPUT_DATA_DIR"], "registered.json").write_text(json.dumps(registered), encoding="utf-8")


if __name__ == "__main__":
    main()

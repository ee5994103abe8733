"""Reads runs back from MLflow, by MLflow's own client: `read_runs.py <training job> …` prints them as JSON, by the training job."""

import json
import sys

from mlflow.tracking import MlflowClient

client = MlflowClient()
experiments = [experiment.experiment_id for experiment in client.search_experiments()]
runs = {}
for job in sys.argv[1:]:
    found = client.search_runs(experiments, filter_string=f"tags.`sagemaker.training_job` = '{job}'")
    if len(found) != 1:
        sys.exit(f"MLflow must have one run of the training job {job}, got {len(found)}")
    run = found[0]
    runs[job] = {"status": run.info.status, "name": run.info.run_name, "params": run.data.params, "metrics": run.data.metrics}
print(json.dumps(runs))

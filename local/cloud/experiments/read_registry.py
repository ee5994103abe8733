"""Reads a model back from MLflow's registry, by MLflow's own client: `read_registry.py <model> <alias>` prints its version as JSON."""

import json
import sys

from mlflow.tracking import MlflowClient

_, name, alias = sys.argv
client = MlflowClient()
registered = client.get_model_version_by_alias(name, alias)
print(json.dumps({
    "version": str(registered.version), "run": registered.run_id, "source": registered.source, "tags": registered.tags,
    "versions": len(client.search_model_versions(f"name = '{name}'")),
}))

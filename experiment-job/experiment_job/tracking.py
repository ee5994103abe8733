"""The run of a trial in MLflow, by MLflow's own client. A job goes on without it, and says so."""

import os
from typing import Any, Callable

from .settings import Settings

#: The client's own settings. By default it tries for minutes.
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}
JOB_TAG = "sagemaker.training_job"


class Tracking:
    """One run, or none where there is no server or it does not answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Any = None
        self._run_id = ""

    @property
    def run_id(self) -> str:
        """Empty where nothing is tracked."""
        return self._run_id

    def begin(self, parameters: dict[str, str]) -> None:
        """Makes the run of a training job."""
        def make(client: Any, experiment: str) -> str:
            settings = self._settings
            tags = {JOB_TAG: settings.job_name, "trial": settings.trial}
            made = client.create_run(experiment, run_name=settings.trial, tags=tags).info.run_id
            for name, value in parameters.items():
                client.log_param(made, name, value)
            return made
        self._open(make)

    def resume(self, training_job: str) -> None:
        """Finds the run of a training job, to add to it."""
        def find(client: Any, experiment: str) -> str:
            runs = client.search_runs([experiment], filter_string=f"tags.`{JOB_TAG}` = '{training_job}'", max_results=1)
            return runs[0].info.run_id if runs else ""
        self._open(find)

    def metrics(self, values: dict[str, float]) -> None:
        """Adds what the script printed."""
        for name, value in values.items():
            self._try(lambda name=name, value=value: self._client.log_metric(self._run_id, name, value))

    def end(self, status: str) -> None:
        """FINISHED or FAILED."""
        self._try(lambda: self._client.set_terminated(self._run_id, status))

    def _open(self, find: Callable[[Any, str], str]) -> None:
        if os.environ.get("MLFLOW_TRACKING_URI", "") == "":
            return
        for name, value in PATIENCE.items():
            os.environ.setdefault(name, value)

        def connect() -> None:
            from mlflow.tracking import MlflowClient  # of the user's requirements or of the image

            client = MlflowClient()
            name = self._settings.experiment
            experiment = client.get_experiment_by_name(name)
            identifier = experiment.experiment_id if experiment else self._create(client, name)
            self._run_id = find(client, identifier)
            self._client = client
        self._guard(connect)

    def _create(self, client: Any, name: str) -> str:
        """Two trials begin at once: one of them makes the experiment."""
        try:
            return client.create_experiment(name)
        except Exception:
            experiment = client.get_experiment_by_name(name)
            if experiment is None:
                raise
            return experiment.experiment_id

    def _try(self, what: Callable[[], Any]) -> None:
        if self._run_id != "":
            self._guard(what)

    def _guard(self, what: Callable[[], Any]) -> None:
        try:
            what()
        except Exception as error:  # whatever the client raises: the job is worth more than its record
            print(f"not tracked: {type(error).__name__}: {error}"[:1000], flush=True)

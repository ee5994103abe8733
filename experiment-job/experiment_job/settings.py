"""What a job is told: by its environment, and by files of the container's folder contract."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from .failure import JobFailure

#: From the archive of the code up to the root of the contract (`/opt/ml` on AWS), for training and processing jobs.
DEPTH = 3
STAGES = ("process", "train", "evaluate", "register")


@dataclass(frozen=True)
class Settings:
    """All that a job knows before it begins."""

    program: Path
    root: Path
    stage: str
    script: str
    repository: str
    branch: str
    base_branch: str
    remote_name: str
    remote_url: str
    experiment: str
    trial: str
    job_name: str
    arguments: list[str]
    outputs: list[str] = field(default_factory=list)
    metrics: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> Path:
        """Where the user's scripts are unpacked."""
        return self.root / "code"

    @property
    def data(self) -> Path:
        """Where the repository is cloned."""
        return self.root / "repository"

    @property
    def directory(self) -> Path:
        """Where the script runs: a registration has no clone."""
        return self.code if self.stage == "register" else self.data

    @property
    def model(self) -> Path:
        """What a training job leaves here is packed as `model.tar.gz`."""
        return self.root / "model" if self.stage == "train" else self.root / "processing" / "model"

    @property
    def output(self) -> Path:
        """What else a script leaves: `output.tar.gz` of a training job, the folder `data` beside the result of a processing job."""
        return self.root / "output" / "data" if self.stage == "train" else self.result / "data"

    @property
    def result(self) -> Path:
        """What a processing job leaves here goes to S3."""
        return self.root / "processing" / "output" / "result"

    @property
    def processed(self) -> Path:
        """What the processing job said, for the jobs that follow it."""
        return self.root / ("input/data/processed" if self.stage == "train" else "processing/input/processed") / "result.json"

    @property
    def failure(self) -> Path:
        """Its first 1,024 characters become the failure reason of a training job; a processing job has one as well."""
        return self.root / "output" / ("failure" if self.stage == "train" else "message")


def read_settings(program: Path, arguments: list[str]) -> Settings:
    """The settings of the job whose code is the archive `program`."""
    root = program.resolve().parents[DEPTH]
    stage = given("EXPERIMENT_STAGE")
    if stage not in STAGES:
        raise JobFailure(f"EXPERIMENT_STAGE must be one of {', '.join(STAGES)}, got '{stage}'")
    return Settings(
        program=program,
        root=root,
        stage=stage,
        script=given("EXPERIMENT_SCRIPT"),
        repository=given("DVC_REPO_URL"),
        branch=given("DVC_BRANCH"),
        base_branch=os.environ.get("DVC_BASE_BRANCH", ""),
        remote_name=given("DVC_REMOTE_NAME"),
        remote_url=given("DVC_REMOTE_URL"),
        experiment=given("MLFLOW_EXPERIMENT_NAME"),
        trial=given("EXPERIMENT_TRIAL"),
        job_name=os.environ.get("TRAINING_JOB_NAME") or os.environ.get("PROCESSING_JOB_NAME") or given("EXPERIMENT_JOB_NAME"),
        arguments=[*arguments, *hyperparameters(root)],
        outputs=[path for path in os.environ.get("EXPERIMENT_OUTPUTS", "").split(",") if path],
        metrics=json.loads(os.environ.get("EXPERIMENT_METRICS", "{}")),
    )


def hyperparameters(root: Path) -> list[str]:
    """The hyperparameters of a training job as arguments, in the order of their names."""
    file = root / "input" / "config" / "hyperparameters.json"
    if not file.exists():
        return []
    values = json.loads(file.read_text(encoding="utf-8"))
    return [part for name, value in sorted(values.items()) for part in (f"--{name}", str(value))]


def given(name: str) -> str:
    """A variable that the pipeline sets."""
    value = os.environ.get(name, "")
    if value == "":
        raise JobFailure(f"{name} is not set: the job was not started by an ExperimentPipeline")
    return value

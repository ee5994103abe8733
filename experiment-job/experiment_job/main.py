"""What a job does, from its start to its end."""

import json
import os
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

from . import repository
from .commands import install, stream
from .failure import JobFailure
from .metrics import Metrics
from .settings import Settings, read_settings
from .tracking import Tracking

#: The user's files in the archive of the code.
USER = "user/"
FAILURE_CHARACTERS = 1024
#: Step Functions takes 256 KiB, with what all trials say.
REGISTERED_BYTES = 16 * 1024
#: DVC and MLflow report their use to their makers otherwise.
PRIVATE = {"DVC_NO_ANALYTICS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}


def main() -> None:
    """Runs the job, and ends with the exit code that SageMaker reads."""
    program = Path(sys.argv[0])
    settings = None
    try:
        settings = read_settings(program, sys.argv[1:])
        unpack(settings)
        os.environ.update({name: value for name, value in PRIVATE.items() if name not in os.environ})
        install(settings.code / "requirements.txt")
        repository.configure_git(settings)
        {"process": process, "train": train, "evaluate": evaluate, "register": register}[settings.stage](settings)
    except JobFailure as failure:
        print(f"failed: {failure}", flush=True)
        if settings is not None:
            settings.failure.parent.mkdir(parents=True, exist_ok=True)
            settings.failure.write_text(str(failure)[:FAILURE_CHARACTERS], encoding="utf-8")
        sys.exit(1)


def unpack(settings: Settings) -> None:
    """The user's scripts, beside each other as they were in their folder."""
    with zipfile.ZipFile(settings.program) as archive:
        for name in archive.namelist():
            if name.startswith(USER):
                target = settings.code / name[len(USER):]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))
    if not (settings.code / settings.script).is_file():
        raise JobFailure(f"the script {settings.script} must be in the folder of the code, got none")


def process(settings: Settings) -> None:
    """Makes the data of a trial: a commit on its branch, and data in DVC's remote."""
    repository.clone(settings, settings.base_branch)
    repository.pull(settings)
    call(settings, {}, lambda _line: None)
    commit = repository.publish(settings, f"Trial {settings.trial}: {settings.job_name}")
    write_result(settings, {
        "branch": settings.branch, "commit": commit, "parameters": named(settings.arguments), "files": repository.digests(settings),
    })


def train(settings: Settings) -> None:
    """Trains on the data of one commit, and records it as a run."""
    processed = read_processed(settings)
    fetch_data(settings, processed)
    tracking = Tracking(settings)
    tracking.begin(parameters(settings, processed))
    metrics = Metrics(settings.metrics)
    try:
        settings.model.mkdir(parents=True, exist_ok=True)
        call(settings, run_of(tracking), metrics.read)
        metrics.check(settings.script)
        if not any(settings.model.rglob("*")):
            raise JobFailure(f"the script {settings.script} must write its model to SM_MODEL_DIR, got an empty folder")
    except JobFailure:
        tracking.metrics(metrics.values)
        tracking.end("FAILED")
        raise
    tracking.metrics(metrics.values)
    tracking.end("FINISHED")


def evaluate(settings: Settings) -> None:
    """Measures a model with the data of the same commit, and adds to its run."""
    processed = read_processed(settings)
    fetch_data(settings, processed)
    unpack_model(settings)
    tracking = resumed(settings)
    metrics = Metrics(settings.metrics)
    call(settings, run_of(tracking), metrics.read)
    metrics.check(settings.script)
    tracking.metrics(metrics.values)
    write_result(settings, {"metrics": metrics.values})


def register(settings: Settings) -> None:
    """Runs the script that registers the winner, and tells what it says of it."""
    unpack_model(settings)
    call(settings, run_of(resumed(settings)), lambda _line: None)
    write_result(settings, {"registered": read_registered(settings)})


def unpack_model(settings: Settings) -> None:
    """What the training script wrote, from SageMaker's archive."""
    archive = settings.root / "processing" / "input" / "model" / "model.tar.gz"
    with tarfile.open(archive) as model:
        model.extractall(settings.model, filter="data")


def resumed(settings: Settings) -> Tracking:
    """The run of the training job."""
    tracking = Tracking(settings)
    tracking.resume(os.environ.get("EXPERIMENT_TRAINING_JOB", ""))
    return tracking


def run_of(tracking: Tracking) -> dict[str, str]:
    """Where there is a run, MLflow's client of the script goes on with it."""
    return {"MLFLOW_RUN_ID": tracking.run_id} if tracking.run_id else {}


def read_registered(settings: Settings) -> dict:
    """What the script says that it registered. It need not say anything."""
    file = settings.output / "registered.json"
    if not file.exists():
        return {}
    size = file.stat().st_size
    if size > REGISTERED_BYTES:
        raise JobFailure(f"the script {settings.script} must write at most {REGISTERED_BYTES} bytes to registered.json, got {size}")
    content = file.read_bytes()
    try:
        registered = json.loads(content)
    except ValueError:
        registered = None
    if not isinstance(registered, dict):
        raise JobFailure(f"the script {settings.script} must write an object of JSON to registered.json, got {content[:100]!r}")
    return registered


def call(settings: Settings, more: dict[str, str], each_line) -> None:
    """Runs the user's script, in the clone where there is one, with the environment of SageMaker's own script mode."""
    environment = {
        **os.environ, **more,
        "PYTHONUNBUFFERED": "1",
        "SM_MODEL_DIR": str(settings.model),
    }
    if settings.stage != "register":
        environment["DVC_REPOSITORY"] = str(settings.data)
    if settings.stage != "process":  # its outputs are data, which DVC keeps
        settings.output.mkdir(parents=True, exist_ok=True)
        environment["SM_OUTPUT_DATA_DIR"] = str(settings.output)
    stream([sys.executable, str(settings.code / settings.script), *settings.arguments], settings.directory, environment, each_line)


def fetch_data(settings: Settings, processed: dict) -> None:
    """The data of the commit that the processing job made."""
    repository.clone(settings, settings.branch)
    repository.check_out(settings, processed["commit"])
    repository.pull(settings)


def parameters(settings: Settings, processed: dict) -> dict[str, str]:
    """What a run says of where its data come from, and of how it was trained."""
    import dvc.api  # of the user's requirements or of the image

    urls = {f"url_{path.replace('/', '_')}": dvc.api.get_url(path, repo=str(settings.data)) for path in sorted(processed["files"])}
    return {
        "data_commit_hash": processed["commit"], "dvc_branch": settings.branch, **processed["parameters"], **urls,
        **named(settings.arguments),
    }


def named(arguments: list[str]) -> dict[str, str]:
    """`--a-b 1` as `a_b: 1`."""
    return {
        name[2:].replace("-", "_"): value
        for name, value in zip(arguments, [*arguments[1:], ""]) if name.startswith("--")
    }


def read_processed(settings: Settings) -> dict:
    """What the processing job said."""
    if not settings.processed.exists():
        raise JobFailure(f"the result of the processing job must be at {settings.processed}, got no file")
    return json.loads(settings.processed.read_text(encoding="utf-8"))


def write_result(settings: Settings, result: dict) -> None:
    """The last thing that a processing job does: what is there is whole."""
    settings.result.mkdir(parents=True, exist_ok=True)
    draft = settings.result.parent / "result.json.part"
    draft.write_text(json.dumps(result, sort_keys=True), encoding="utf-8")
    shutil.move(draft, settings.result / "result.json")

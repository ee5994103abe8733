"""The clone of the repository, and the data of its commits."""

import os
import shlex
import sys
from pathlib import Path

from .commands import run, succeeds
from .failure import JobFailure
from .settings import Settings


def configure_git(settings: Settings) -> None:
    """By the environment alone, for each git of this job: who commits, and who says the password."""
    author = os.environ.get("USER", "experiment")
    entries = {"user.name": author, "user.email": f"{author}@experiments.invalid", "advice.detachedHead": "false"}
    if "GIT_SECRET_ARN" in os.environ:
        python = f"{shlex.quote(sys.executable)} -m experiment_job.credentials"
        entries["credential.helper"] = f"!PYTHONPATH={shlex.quote(str(settings.program))} {python}"
    os.environ["GIT_TERMINAL_PROMPT"] = "0"
    first = int(os.environ.get("GIT_CONFIG_COUNT") or "0")  # what the container has set stays
    os.environ["GIT_CONFIG_COUNT"] = str(first + len(entries))
    for index, (key, value) in enumerate(entries.items(), first):
        os.environ[f"GIT_CONFIG_KEY_{index}"] = key
        os.environ[f"GIT_CONFIG_VALUE_{index}"] = value


def clone(settings: Settings, branch: str) -> None:
    """Clones one branch. A fresh clone has no lock that a killed DVC left."""
    heads = run(["git", "ls-remote", "--heads", settings.repository, f"refs/heads/{branch}"], settings.root, "looking for the branch")
    if heads.strip() == "":
        raise JobFailure(f"the repository {settings.repository} must have the branch '{branch}', got none of that name")
    run(["git", "clone", "--branch", branch, settings.repository, str(settings.data)], settings.root, "cloning the repository")
    if not (settings.data / ".dvc").is_dir():
        run(["dvc", "init"], settings.data, "making the repository one of DVC")
    run(
        ["dvc", "remote", "add", "--force", "--default", settings.remote_name, settings.remote_url], settings.data, "telling DVC its remote",
    )


def check_out(settings: Settings, commit: str) -> None:
    """Goes to the commit that the processing job made, whatever has become of the branch since."""
    run(["git", "checkout", "--force", commit], settings.data, f"checking out {commit}")


def pull(settings: Settings) -> None:
    """Gets the data of the commit. DVC names each file that its remote lacks."""
    if not any(settings.data.rglob("*.dvc")) and not (settings.data / "dvc.lock").exists():
        return
    run(["dvc", "pull"], settings.data, f"getting the data of commit {head(settings)}")


def head(settings: Settings) -> str:
    """The commit of the clone."""
    return run(["git", "rev-parse", "HEAD"], settings.data, "asking for the commit").strip()


def publish(settings: Settings, message: str) -> str:
    """Commits the outputs to the trial's branch, data first: nobody sees a commit whose data are not there."""
    missing = [path for path in settings.outputs if not (settings.data / path).exists()]
    if missing:
        raise JobFailure(f"the script {settings.script} must write {', '.join(settings.outputs)} in the repository, got no {', '.join(missing)}")
    run(["git", "checkout", "-B", settings.branch], settings.data, "changing to the branch of the trial")
    run(["dvc", "add", *settings.outputs], settings.data, "adding the outputs to DVC")
    run(["dvc", "push"], settings.data, "pushing the data")
    run(["git", "add", "--all"], settings.data, "adding what is new")
    if not succeeds(["git", "diff", "--cached", "--quiet"], settings.data):
        run(["git", "commit", "--message", message], settings.data, "committing")
    remote = f"refs/remotes/origin/{settings.branch}"
    if succeeds(["git", "rev-parse", "--verify", "--quiet", remote], settings.data):
        same = ["git", "diff", "--quiet", remote, "HEAD"]
        if succeeds(same, settings.data):
            return run(["git", "rev-parse", remote], settings.data, "asking for the commit").strip()
        # Earlier commits of the trial stay reachable: MLflow names them.
        run(["git", "merge", "--strategy", "ours", "--no-edit", remote], settings.data, "joining the history of the trial")
    run(["git", "push", "origin", f"HEAD:refs/heads/{settings.branch}"], settings.data, "pushing the branch")
    return head(settings)


def digests(settings: Settings) -> dict[str, str]:
    """The MD5 by which DVC knows each output: a file's own, or that of a folder's list."""
    found = {}
    for path in settings.outputs:
        pointer = Path(settings.data / f"{path}.dvc").read_text(encoding="utf-8")
        found[path] = next(line.split(":", 1)[1].strip() for line in pointer.splitlines() if line.lstrip("- ").startswith("md5:"))
    return found

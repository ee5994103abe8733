"""Other programs: git, DVC, pip and the user's script."""

import collections
import os
import subprocess
import sys
from pathlib import Path
from typing import Callable

from .failure import JobFailure

LAST_LINES = 12


def run(command: list[str], cwd: Path, what: str) -> str:
    """Runs a command to its end, and returns what it wrote to its standard output."""
    print(f"$ {' '.join(command)}", flush=True)
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise JobFailure(f"{what}: the image has no '{command[0]}': add it to the image or to requirements.txt") from missing
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()[-LAST_LINES:]
        raise JobFailure(f"{what}: {command[0]} ended with exit code {done.returncode}: " + "\n".join(lines))
    return done.stdout


def succeeds(command: list[str], cwd: Path) -> bool:
    """Whether a command ends well. What it writes is of no interest."""
    return subprocess.run(command, cwd=cwd, capture_output=True, check=False).returncode == 0


def stream(command: list[str], cwd: Path, environment: dict[str, str], each_line: Callable[[str], None]) -> None:
    """Runs the user's script. Its lines go on to the log while it runs, standard error among them."""
    print(f"$ {' '.join(command)}", flush=True)
    last: collections.deque[str] = collections.deque(maxlen=LAST_LINES)
    with subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1,
    ) as script:
        if script.stdout is None:
            raise JobFailure("the script has no standard output")
        for line in script.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            last.append(line.rstrip("\n"))
            each_line(line)
    if script.returncode != 0:
        raise JobFailure(f"the script {command[1]} ended with {how(script.returncode)}: " + "\n".join(last))


def how(code: int) -> str:
    """An exit code, or the signal that ended the script."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def install(requirements: Path) -> None:
    """Installs the packages that a user's script names. The environment is the container's own."""
    if requirements.exists():
        run(
            [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r", str(requirements)],
            requirements.parent, f"installing {requirements.name}",
        )
    scripts = str(Path(sys.executable).parent)  # dvc and git-remote-codecommit
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = scripts + os.pathsep + os.environ.get("PATH", "")

"""Executes a notebook as Jupyter does: `execute.py <notebook> <folder> <executed notebook>`. Its kernel works in the folder.

A cell that fails is the end of it: the last lines are the cell's error.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

source, folder, executed = sys.argv[1:]
notebook = nbformat.read(source, as_version=4)
nbformat.validate(notebook)
client = NotebookClient(notebook, kernel_name="python3", timeout=600, resources={"metadata": {"path": folder}})
try:
    client.execute()
except CellExecutionError as error:
    sys.exit(f"{source}: {error.ename}: {error.evalue}")
Path(executed).write_text(nbformat.writes(notebook), encoding="utf-8")

"""The notebook of examples/flights runs, against a server of that project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from .plumb_server import ROOT, plumb, serving

FLIGHTS = ROOT / "examples" / "flights"


def test_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMB_STORAGE", str(tmp_path))
    plumb(FLIGHTS, "apply")
    untyped: Any = nbformat
    notebook = untyped.read(FLIGHTS / "train-and-serve.ipynb", as_version=4)
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells)
    with serving(FLIGHTS) as url:
        monkeypatch.setenv("PLUMB_URL", url)
        place = {"metadata": {"path": str(FLIGHTS)}}
        NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()
    printed = [output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])]
    assert printed[-1].endswith("values are equal\n")

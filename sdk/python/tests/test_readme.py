"""The Python of the README runs, in its order, in the project that ``plumb init`` makes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from .plumb_server import plumb, serving

README = Path(__file__).parents[1] / "README.md"
ADDRESS = "http://127.0.0.1:6567"


def test_the_readme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("init", "apply", "materialize"):
        plumb(tmp_path, command)
    blocks = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 6 and ADDRESS in blocks[0]
    with serving(tmp_path) as url:
        names: dict[str, Any] = {}
        for block in blocks:
            exec(block.replace(ADDRESS, url), names)
    printed = capsys.readouterr().out
    assert "PRESENT" in printed and "NOT_FOUND" in printed
    assert "succeeded" in printed and "UNKNOWN_NAME 404" in printed

"""What every SDK is held to, in whatever language: sdk/vectors/vectors.json, which the tests of the TypeScript SDK read
too. Values are as JSON has them."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime
from pathlib import Path
from typing import Any

from plumb._instants import instant_text

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "vectors.json").read_text("utf-8"))

UNTIL: str = VECTORS["project"]["until"]


def write_project(folder: Path) -> None:
    for name, lines in VECTORS["project"]["files"].items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("\n".join(lines) + "\n", "utf-8")


def as_json(value: Any) -> Any:
    """A value of the client as JSON has it."""
    if isinstance(value, datetime):
        text = instant_text(value).removesuffix("Z")
        return (text.rstrip("0") if "." in text else text) + "Z"
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, dict):
        return {name: as_json(item) for name, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list) else value

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plumb import Client

from .plumb_server import plumb, serving
from .vectors import UNTIL, write_project


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project that is applied and materialized."""
    folder = tmp_path_factory.mktemp("world")
    write_project(folder)
    plumb(folder, "apply")
    plumb(folder, "materialize", "--until", UNTIL)
    return folder


@pytest.fixture(scope="session")
def url(world: Path) -> Iterator[str]:
    with serving(world) as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url) as one:
        yield one

"""The client beside the vectors that all SDKs share."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from plumb import Client, PlumbError
from plumb._values import python_values

from .plumb_server import answering, faulty
from .vectors import UNTIL, VECTORS, as_json

OPTIONS = {"eventTimes": "event_times", "asOf": "as_of"}


def named(section: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", VECTORS[section], ids=lambda vector: vector["name"])


def asked(client: Client, request: dict[str, Any]) -> Any:
    return client.online_features(**{OPTIONS.get(name, name): value for name, value in request.items()})


@named("lookups")
def test_a_lookup(client: Client, vector: dict[str, Any]) -> None:
    for _ in ("Arrow", "JSON"):
        answer = asked(client, vector["request"])
        found = {name: getattr(answer, name) for name in ("service", "version", "at", "features")}
        found["rows"] = rows_of(answer.to_dicts())
        if answer.statuses is not None:
            found["statuses"] = rows_of(answer.statuses)
        if answer.event_times is not None:
            found["eventTimes"] = rows_of(answer.event_times)
        if answer.as_of is not None:
            found["asOf"] = {view: as_json(instant) for view, instant in answer.as_of.items()}
        assert found == vector["answer"]


def rows_of(dicts: list[dict[str, Any]]) -> list[list[Any]]:
    return [[as_json(value) for value in row.values()] for row in dicts]


@named("refusals")
def test_a_refusal(client: Client, vector: dict[str, Any]) -> None:
    with pytest.raises(PlumbError) as caught:
        asked(client, vector["request"])
    error, expected = caught.value, vector["error"]
    assert (error.code, error.status) == (expected["code"], expected["status"])
    assert "path" not in expected or error.details["path"] == expected["path"]


def test_a_training_set(client: Client) -> None:
    vector = VECTORS["trainingSet"]
    table = client.training_set(vector["service"], vector["labels"], name="vectors").to_arrow()
    assert table.column_names == vector["columns"]
    columns = [as_json(python_values(column)) for column in table.columns]
    assert [list(row) for row in zip(*columns, strict=True)] == vector["rows"]


@named("failures")
def test_a_failure(vector: dict[str, Any]) -> None:
    answer, requests = vector["answer"], vector["requests"]
    listener = answering(answer["status"], answer["body"], answer["headers"])
    with faulty(listener) as server, Client(server.url, api_key="s3cret", retries=2) as client:
        with pytest.raises(PlumbError) as lookup:
            client.online_features(service="ranking", entities=[{"user_id": 1}])
        assert len(server.seen) == requests["lookup"]
        with pytest.raises(PlumbError) as dataset:
            client.training_set("ranking", [{"user_id": 1, "event_timestamp": UNTIL}])
        with pytest.raises(PlumbError) as materialization:
            client.materialize()
        assert len(server.seen) == requests["lookup"] + 2 * requests["job"]
    for caught in (lookup, dataset, materialization):
        check(caught.value, vector["error"])


def check(error: PlumbError, expected: dict[str, Any]) -> None:
    assert expected["message"] in str(error)
    assert "s3cret" not in f"{error!r} {vars(error)}"
    parts = {
        name: getattr(error, name) for name in ("code", "status", "details", "retryable", "request_id", "retry_after")
    }
    wanted: dict[str, Any] = {"status": None, "details": {}, "request_id": expected.get("requestId")}
    wanted |= {name: value for name, value in expected.items() if name in parts}
    assert parts == {**wanted, "retry_after": expected.get("retryAfterSeconds")}


@pytest.mark.parametrize("url", VECTORS["impossibleUrls"])
def test_addresses_that_cannot_be_without_repeating_a_secret(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        Client(url)
    assert "s3cret" not in str(caught.value)


def test_maps_and_structs_of_a_slice_with_nulls() -> None:
    maps = pa.array([[("a", 1)], None, [("b", 2), ("a", None)], []], pa.map_(pa.string(), pa.int64()))
    assert python_values(maps[1:]) == [None, {"b": 2, "a": None}, {}]
    structs = pa.array([{"x": 0.1}, None, {"x": None}], pa.struct([("x", pa.float32())]))
    assert python_values(structs[1:]) == [None, {"x": None}] and python_values(structs)[0] == {"x": 0.1}
    numbered = pa.array([[(1, "a")]], pa.map_(pa.int64(), pa.string()))
    assert python_values(numbered) == [[(1, "a")]]

"""What a network and a server do to a client: each answer below is given by a real socket. What holds for every SDK is in
sdk/vectors/vectors.json."""

from __future__ import annotations

import json
import pickle
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from plumb import Client, PlumbError

from .plumb_server import FaultyServer, Listener, Seen, answering, faulty

ANSWER = answering(200, '{"project":"p","version":1,"views":[]}')


@contextmanager
def client_of(*listeners: Listener, **options: Any) -> Iterator[tuple[Client, FaultyServer]]:
    with faulty(*listeners) as server, Client(server.url, api_key="s3cret", **options) as client:
        yield client, server


def failing(call: Any) -> PlumbError:
    with pytest.raises(PlumbError) as caught:
        call()
    assert "s3cret" not in f"{caught.value!r} {vars(caught.value)}"
    return caught.value


def reset(handler: BaseHTTPRequestHandler, _: Seen) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def truncated(handler: BaseHTTPRequestHandler, _: Seen) -> None:
    handler.send_response(200)
    handler.send_header("content-length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"project":')
    handler.close_connection = True


def silent(_: BaseHTTPRequestHandler, __: Seen) -> None:
    time.sleep(3)


def dripping(handler: BaseHTTPRequestHandler, _: Seen) -> None:
    handler.send_response(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    for _piece in range(100):
        handler.wfile.write(b" ")
        time.sleep(0.05)


def dead_url() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.parametrize("fault", [reset, truncated], ids=["a reset", "a truncated body"])
def test_a_read_survives(fault: Listener) -> None:
    with client_of(fault, fault, ANSWER) as (client, server):
        assert client.status()["project"] == "p"
        assert len(server.seen) == 3


def test_a_job_is_not_sent_again_after_a_reset_for_it_may_have_been_taken() -> None:
    with client_of(reset) as (client, server):
        assert failing(client.materialize).code == "CLIENT_CONNECTION"
        labels = [{"user_id": 1, "event_timestamp": "2026-01-08T00:00:00Z"}]
        assert failing(lambda: client.training_set("ranking", labels)).code == "CLIENT_CONNECTION"
        assert len(server.seen) == 2


def test_a_job_is_sent_again_where_nobody_listened() -> None:
    url = dead_url()
    started = time.monotonic()
    with Client(url, retries=2) as client:
        error = failing(client.materialize)
    assert (error.code, error.retryable) == ("CLIENT_CONNECTION", True)
    # Two waits of 0.05 and 0.1 seconds at least.
    assert time.monotonic() - started >= 0.15


def test_retry_after_is_waited_for() -> None:
    busy = answering(503, '{"error":{"code":"DRAINING","message":"","details":{}}}', {"retry-after": "1"})
    with client_of(busy, ANSWER) as (client, _):
        started = time.monotonic()
        client.status()
        assert time.monotonic() - started >= 0.99


def test_silence_is_tried_again_and_then_a_timeout() -> None:
    with client_of(silent, silence=0.2, retries=1) as (client, server):
        error = failing(client.status)
        assert (error.code, error.retryable) == ("CLIENT_TIMEOUT", True)
        assert len(server.seen) == 2


def test_an_explanation_may_take_longer_than_the_silence_of_other_calls() -> None:
    with client_of(silent, silence=0.1, retries=0) as (client, _):
        started = time.monotonic()
        error = failing(lambda: client.explain(service="ranking", entity={"user_id": 1}, timeout=0.8))
        assert error.code == "CLIENT_TIMEOUT" and 0.7 <= time.monotonic() - started < 5


def test_a_call_ends_with_its_time_however_lively_the_answer() -> None:
    with client_of(dripping, timeout=0.5) as (client, server):
        started = time.monotonic()
        assert failing(client.status).code == "CLIENT_TIMEOUT"
        assert 0.49 <= time.monotonic() - started < 5
        assert len(server.seen) == 1


def test_the_timeout_of_one_call() -> None:
    with client_of(dripping) as (client, _):
        started = time.monotonic()
        entities = [{"user_id": 1}]
        error = failing(lambda: client.online_features(service="ranking", entities=entities, timeout=0.3))
        assert error.code == "CLIENT_TIMEOUT" and time.monotonic() - started < 5


def test_a_part_that_is_not_what_its_manifest_says() -> None:
    part = {"path": "part-00000.parquet", "rows": 1, "sizeBytes": 4, "sha256": "00"}
    manifest = {"name": "n", "version": 1, "rows": 1, "columns": [], "parts": [part]}
    found = answering(200, json.dumps(manifest))
    with client_of(found, answering(206, "PAR1"), answering(200, "PAR1")) as (client, server):
        dataset = client.dataset("n")
        error = failing(dataset.to_arrow)
        assert error.code == "CLIENT_PROTOCOL" and "SHA-256" in str(error)
        assert server.seen[-1].headers["range"] == "bytes=0-3"
        assert "Range" in str(failing(dataset.to_arrow))


def test_a_loop_that_ends_early_fetches_no_more() -> None:
    page = answering(200, '{"entities":[{"name":"a"},{"name":"b"}],"next":"again"}')
    with client_of(page) as (client, server):
        names = [entity["name"] for entity, _ in zip(client.registry.entities(), range(3), strict=False)]
        assert names == ["a", "b", "a"]
        assert [seen.path for seen in server.seen] == ["/v1/entities", "/v1/entities?cursor=again"]


def test_the_key_goes_with_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMB_API_KEY", "from-env")
    with faulty(ANSWER) as server:
        cases: list[tuple[dict[str, Any], str | None]] = [
            ({}, "Bearer from-env"),
            ({"api_key": "given"}, "Bearer given"),
            ({"api_key": ""}, None),
            ({"headers": {"Authorization": "Basic x"}}, "Basic x"),
        ]
        for options, header in cases:
            with Client(f"{server.url}/plumb/", **options) as client:
                client.status()
            assert server.seen[-1].headers.get("authorization") == header
            assert server.seen[-1].path == "/plumb/v1/status"
            assert server.seen[-1].headers["user-agent"].startswith("plumb-client/")


def test_what_is_missing_is_told_and_nobody_there_is_an_error() -> None:
    with client_of(answering(503, '{"error":{"code":"NOT_APPLIED","message":"","details":{}}}')) as (client, server):
        reason = client.unready_reason()
        assert reason is not None and reason.code == "NOT_APPLIED"
        assert len(server.seen) == 1
    with Client(dead_url()) as client:
        assert failing(client.unready_reason).code == "CLIENT_CONNECTION"


def test_an_error_crosses_processes() -> None:
    with client_of(answering(404, '{"error":{"code":"UNKNOWN_NAME","message":"no","details":{"a":1}}}')) as (client, _):
        error = failing(client.status)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is PlumbError
    assert (str(copy), copy.code, copy.status, copy.details) == ("no", "UNKNOWN_NAME", 404, {"a": 1})


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 0},
        {"silence": float("nan")},
        {"retries": -1},
        {"retries": 1.5},
        {"api_key": "s3cret\n"},
        {"headers": {"x-token": "s3cret\nx"}},
    ],
)
def test_options_that_cannot_be_without_repeating_a_secret(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError) as caught:
        Client("http://x", **options)
    assert "s3cret" not in str(caught.value)


def test_no_representation_shows_the_key() -> None:
    with Client("http://x", api_key="s3cret") as client:
        transport = client._transport
        assert "s3cret" not in f"{client!r} {transport.settings!r}"

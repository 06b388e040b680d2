"""One call of the API → its answer, with retries and timeouts. Knows no route."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

from ._attempt import attempt
from ._call import Answer, Call
from ._failure import require_ok
from ._retry import delay_before_retry
from ._settings import Settings, positive
from .errors import PlumbError, protocol_error


class Transport:
    """Holds the connections. Threads may share it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._http = httpx.Client(headers=dict(settings.headers), follow_redirects=False)

    def close(self) -> None:
        self._http.close()

    def send(self, call: Call) -> Answer:
        """The 2xx answer, its body complete."""
        timeout = self.settings.timeout if call.timeout is None else positive("timeout", call.timeout)
        deadline = time.monotonic() + timeout
        retries = self.settings.retries if call.retries is None else call.retries
        failed = 0
        while True:
            try:
                return require_ok(call, attempt(self._http, self.settings, call, deadline))
            except PlumbError as error:
                delay = None if failed >= retries else delay_before_retry(call.retry, error, failed)
                # Where the time would not do, the failure itself says more than a timeout. A call without an end waits for
                # the server no longer than others do.
                if delay is None or delay >= min(deadline - time.monotonic(), self.settings.timeout):
                    raise
                failed += 1
            time.sleep(delay)

    def json(self, call: Call) -> Any:
        """Its body as JSON. Integers keep all their digits."""
        return parsed(call, self.send(call))


def parsed(call: Call, answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as cause:
        text = answer.body[:80].decode("utf-8", "replace")
        found = "an empty body" if text == "" else repr(text)
        raise protocol_error(f"{call.label}: expected JSON with status {answer.status}, found {found}") from cause


def expect_fields(what: str, answer: Any, fields: dict[str, type]) -> Any:
    """A small look at answers where the client depends on their shape; the server's contract has the rest."""
    for name, kind in fields.items():
        value = answer.get(name) if isinstance(answer, dict) else None
        if not isinstance(value, kind) or isinstance(value, bool):
            raise protocol_error(f"{what}: `{name}` is {type(value).__name__}, expected {kind.__name__}")
    return answer

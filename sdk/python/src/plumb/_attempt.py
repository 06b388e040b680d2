"""One try of a call: the request, and the whole body of its answer."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import httpx

from ._call import Answer, Call
from ._settings import Settings
from .errors import PlumbError, connection_error, protocol_error, timeout_error

#: A body goes to the socket in pieces: httpcore copies what is left of a piece whenever the socket took a part of it.
PIECE_BYTES = 1 << 20


class NeverConnected(PlumbError):
    """A connection error before the request was sent: the server certainly did not take it."""


class Silence(PlumbError):
    """A timeout of one try, not of the call: another try may do."""


def attempt(http: httpx.Client, settings: Settings, call: Call, deadline: float) -> Answer:
    """Any status is an answer, except redirects. ``deadline``: in the time of ``time.monotonic``."""
    silence = settings.silence if call.silence is None else call.silence
    patience = min(silence, max(0.001, deadline - time.monotonic()))
    try:
        with http.stream(
            call.method,
            f"{settings.url}{call.path}",
            params={name: value for name, value in call.query.items() if value is not None},
            headers=_headers(call),
            content=None if call.body is None else _pieces(call.body),
            timeout=None if patience == math.inf else patience,
        ) as response:
            _refuse_redirect(call, response)
            return Answer(response.status_code, response.headers, _body(call, response, deadline))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as cause:
        raise _never_connected(call, cause) from cause
    except httpx.TimeoutException as cause:
        raise _timed_out(call, silence, deadline) from cause
    except (httpx.TransportError, httpx.DecodingError) as cause:
        raise connection_error(f"{call.label}: {_reason(cause)}") from cause


def _headers(call: Call) -> dict[str, str]:
    headers = dict(call.headers)
    if call.body is not None:
        headers["content-length"] = str(len(call.body))
    return headers


def _pieces(body: bytes | memoryview) -> Iterator[bytes]:
    for start in range(0, len(body), PIECE_BYTES):
        yield bytes(body[start : start + PIECE_BYTES])


def _body(call: Call, response: httpx.Response, deadline: float) -> bytes:
    pieces: list[bytes] = []
    for piece in response.iter_bytes():
        pieces.append(piece)
        if time.monotonic() >= deadline:
            raise timeout_error(f"{call.label} took longer than its timeout")
    return b"".join(pieces)


def _refuse_redirect(call: Call, response: httpx.Response) -> None:
    """Following one could carry the API key to another host."""
    if 300 <= response.status_code <= 399 and response.status_code != 304:
        raise protocol_error(f"{call.label} was answered with a redirect: give the address it leads to as `url`")


def _never_connected(call: Call, cause: httpx.TransportError) -> PlumbError:
    message = f"{call.label}: no connection: {_reason(cause)}"
    return NeverConnected(message, code="CLIENT_CONNECTION", retryable=True)


def _timed_out(call: Call, silence: float, deadline: float) -> PlumbError:
    if time.monotonic() >= deadline:
        return timeout_error(f"{call.label} took longer than its timeout")
    message = f"{call.label} was answered with silence for {silence} s"
    return Silence(message, code="CLIENT_TIMEOUT", retryable=True)


def _reason(cause: Exception) -> str:
    return str(cause) or type(cause).__name__

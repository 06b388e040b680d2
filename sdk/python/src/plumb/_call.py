"""One call of the API, and its answer, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import quote

from httpx import Headers

#: ``safe``: repeating changes nothing (reads, lookups, a cancel). ``untaken``: repeated only where the server certainly did
#: not take the request: it said so, or there was no connection. ``never``: the first answer counts.
RetryRule: TypeAlias = Literal["safe", "untaken", "never"]

JSON_TYPE = "application/json"
ARROW_STREAM_TYPE = "application/vnd.apache.arrow.stream"


@dataclass(frozen=True)
class Call:
    method: Literal["GET", "POST", "DELETE"]
    #: Starts with a slash; already escaped.
    path: str
    query: Mapping[str, str | int | None] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | memoryview | None = None
    retry: RetryRule = "safe"
    #: Seconds, with all retries; None: the client's; infinity: only silence ends it.
    timeout: float | None = None
    #: Seconds; None: the client's.
    silence: float | None = None
    #: None: the client's; infinity: until the timeout.
    retries: float | None = None

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Headers
    body: bytes


def escaped(segment: str) -> str:
    """As one segment of a path."""
    return quote(segment, safe="")

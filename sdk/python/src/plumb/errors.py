"""What the client raises; wrong use (an option that cannot be) is a ``TypeError`` or ``ValueError`` instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._contract import RETRYABLE

if TYPE_CHECKING:
    from .wire import JobState

#: Of answers without an error of the server's own: too many requests, or a gateway that did not reach the server.
RETRYABLE_STATUSES = frozenset({408, 425, 429, 502, 503, 504})


class PlumbError(Exception):
    """A call failed. ``str(error)`` says what was found, what was expected and where; it never holds a header.

    ``code`` is one of the server's table (``plumb.ErrorCode``), one that only a newer server knows, or

    - ``HTTP_<status>``: not the server answered, but something before it, e.g. a proxy
    - ``CLIENT_CONNECTION``: no connection, or it broke before the answer was complete
    - ``CLIENT_TIMEOUT``: the call with its retries took longer than ``timeout``, or nothing came for ``silence``
    - ``CLIENT_PROTOCOL``: the answer is not what the API says, e.g. a part that does not match its SHA-256
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int | None = None,
        details: Mapping[str, Any] | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
        request_id: str | None = None,
        job: JobState | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        #: HTTP status; None where no answer came, and of a job that failed.
        self.status = status
        #: For programs, e.g. ``path`` or ``issues``.
        self.details: Mapping[str, Any] = {} if details is None else details
        #: The same call may succeed later, unchanged. The client has then already tried what it may.
        self.retryable = retryable
        #: Seconds that ``Retry-After`` asks for; None without one.
        self.retry_after = retry_after
        #: ``X-Request-Id`` of the answer.
        self.request_id = request_id
        #: Of a job that failed or was cancelled, as it ended.
        self.job = job

    def __reduce__(self) -> tuple[Any, ...]:
        """Exceptions cross processes (joblib, multiprocessing), and keyword arguments alone would not."""
        names = ("code", "status", "details", "retryable", "retry_after", "request_id", "job")
        return _restored, (str(self), {name: getattr(self, name) for name in names})


def _restored(message: str, parts: dict[str, Any]) -> PlumbError:
    return PlumbError(message, **parts)


def is_retryable(code: str, status: int | None) -> bool:
    """The table decides; of a code that only a newer server knows, the status."""
    return RETRYABLE.get(code, status in RETRYABLE_STATUSES)


def connection_error(message: str) -> PlumbError:
    return PlumbError(message, code="CLIENT_CONNECTION", retryable=True)


def timeout_error(message: str) -> PlumbError:
    return PlumbError(message, code="CLIENT_TIMEOUT", retryable=True)


def protocol_error(message: str) -> PlumbError:
    return PlumbError(message, code="CLIENT_PROTOCOL")

"""A job that the server works on: look at it, wait for it, cancel it. The server keeps working without anybody waiting."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Generic, Literal, TypeAlias, TypeVar

from ._call import Call, escaped
from ._transport import Transport, expect_fields
from .errors import PlumbError, is_retryable, timeout_error
from .wire import JobProgress, JobState

Result = TypeVar("Result")

#: Called with the progress, None before the work starts, and the job, whenever it looks different from the last time.
OnProgress: TypeAlias = "Callable[[JobProgress | None, JobState], None]"

FIRST_POLL_SECONDS = 0.05


class Job(Generic[Result]):
    def __init__(self, transport: Transport, id: str, to_result: Callable[[JobState], Result]) -> None:
        self.id = id
        self._transport = transport
        self._to_result = to_result

    def __repr__(self) -> str:
        return f"Job({self.id!r})"

    def state(self) -> JobState:
        """The job as it is now: status, progress, error, result. ``UNKNOWN_NAME`` where the server knows it no more."""
        return self._call("GET")

    def cancel(self) -> JobState:
        """Asks the server to stop; the job may take a moment until it is ``cancelled``. One that ended stays as it is."""
        return self._call("DELETE")

    def wait(self, *, on_progress: OnProgress | None = None, poll: float = 1.0, timeout: float | None = None) -> Result:
        """The result, once the job succeeded. A server that is away for a while, up to the client's ``timeout``, does not
        end the waiting. Whatever ends it (Ctrl-C too), the job goes on, and ``client.dataset_job(id)`` takes it up again.

        ``poll``: the longest time between two looks, in seconds; the first ones come sooner. ``timeout``: seconds.

        Raises PlumbError with the job's own code where it failed or was cancelled, ``CLIENT_TIMEOUT`` after ``timeout``.
        """
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        seen: object = None
        delay = FIRST_POLL_SECONDS
        while True:
            # A server that starts anew is away for longer than some retries take.
            job = self._call("GET", retries=math.inf)
            look = (job["status"], job["progress"])
            if on_progress is not None and look != seen:
                on_progress(job["progress"], job)
            seen = look
            if job["status"] == "succeeded":
                return self._to_result(job)
            if job["status"] in ("failed", "cancelled"):
                raise _job_error(job)
            if time.monotonic() >= deadline:
                raise timeout_error(f"job {self.id} took longer than {timeout} s; it goes on")
            time.sleep(min(delay, poll, max(0.0, deadline - time.monotonic())))
            delay *= 1.5

    def _call(self, method: Literal["GET", "DELETE"], retries: float | None = None) -> JobState:
        call = Call(method, f"/v1/jobs/{escaped(self.id)}", retries=retries)
        state: JobState = expect_fields(call.label, self._transport.json(call), {"id": str, "status": str})
        return state


def _job_error(job: JobState) -> PlumbError:
    error = job["error"]
    if error is None:
        code = "CANCELLED" if job["status"] == "cancelled" else "INTERNAL"
        message = f"the {job['kind']} job {job['id']} was {job['status']} without a reason"
        return PlumbError(message, code=code, retryable=is_retryable(code, None), job=job)
    code = error["code"]
    return PlumbError(
        error["message"], code=code, details=error["details"], retryable=is_retryable(code, None), job=job
    )

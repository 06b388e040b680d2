"""Whether a failed try may be repeated, and after how long."""

from __future__ import annotations

import random

from ._attempt import NeverConnected, Silence
from ._call import RetryRule
from .errors import PlumbError

FIRST_SECONDS = 0.1
LONGEST_SECONDS = 5.0


def delay_before_retry(rule: RetryRule, error: PlumbError, failed: int) -> float | None:
    """``failed``: how many tries failed before this one. None: do not."""
    if not may_retry(rule, error):
        return None
    # Half of it drawn at random, so that clients which failed together do not come back together.
    backoff = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(failed, 10)) * (0.5 + random.random() / 2)
    asked = error.retry_after or 0.0
    return backoff if asked == 0 else asked + backoff / 2


def may_retry(rule: RetryRule, error: PlumbError) -> bool:
    if rule == "never":
        return False
    if isinstance(error, NeverConnected):
        return True
    if rule == "untaken":
        return _refused_by_the_server(error)
    if error.code == "CLIENT_TIMEOUT":
        return isinstance(error, Silence)
    return error.retryable


def _refused_by_the_server(error: PlumbError) -> bool:
    """429 and 503 with an error of the server's own: it was too busy to take the request. A proxy's 503 says nothing."""
    return error.status in (429, 503) and not error.code.startswith("HTTP_")

"""An answer that is no success → PlumbError, whatever its body is."""

from __future__ import annotations

import json
import re
import time
from email.utils import parsedate_to_datetime
from typing import Any

from httpx import Headers

from ._call import Answer, Call
from .errors import RETRYABLE_STATUSES, PlumbError, is_retryable


def require_ok(call: Call, answer: Answer) -> Answer:
    if 200 <= answer.status <= 299:
        return answer
    raise _error(call, answer)


def _error(call: Call, answer: Answer) -> PlumbError:
    status = answer.status
    retry_after = _retry_after(answer.headers)
    request_id = answer.headers.get("x-request-id")
    found = _wire_error(answer.body)
    if found is None:
        return PlumbError(
            f"{call.label} was answered with status {status} and {_described(answer.body)}, expected an error of Plumb: "
            "is something between this client and the server?",
            code=f"HTTP_{status}",
            status=status,
            retryable=status in RETRYABLE_STATUSES,
            retry_after=retry_after,
            request_id=request_id,
        )
    code, message, details = found
    return PlumbError(
        message,
        code=code,
        status=status,
        details=details,
        retryable=is_retryable(code, status),
        retry_after=retry_after,
        request_id=request_id,
    )


def _wire_error(body: bytes) -> tuple[str, str, dict[str, Any]] | None:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    error = parsed.get("error") if isinstance(parsed, dict) else None
    if not isinstance(error, dict):
        return None
    code, message, details = error.get("code"), error.get("message"), error.get("details")
    if not isinstance(code, str) or not isinstance(message, str):
        return None
    return code, message, details if isinstance(details, dict) else {}


def _described(body: bytes) -> str:
    """The beginning of what a proxy said, without its markup."""
    text = body[:2_000].decode("utf-8", "replace")
    text = re.sub(r"(?is)<(style|script).*?</\1>|<[^>]*>", " ", text)
    words = " ".join(text.split())
    return "an empty body" if words == "" else f"the body {json.dumps(words[:100], ensure_ascii=False)}"


def _retry_after(headers: Headers) -> float | None:
    """Seconds, or a date."""
    text = headers.get("retry-after")
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None

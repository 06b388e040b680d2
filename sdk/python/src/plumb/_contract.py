"""Made from schemas/ by ``node scripts/generate-python.ts``: do not edit."""

from __future__ import annotations

from typing import Final, Literal

ErrorCode = Literal[
    "INVALID_REQUEST",
    "INVALID_CONFIG",
    "INVALID_DEFINITION",
    "INVALID_LABELS",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "NOT_ACCEPTABLE",
    "UNKNOWN_NAME",
    "NOT_APPLIED",
    "NOT_MATERIALIZED",
    "OFFLINE_ONLY",
    "NOT_SUPPORTED",
    "BEHIND_WATERMARK",
    "SOURCE_MISMATCH",
    "CONFLICT",
    "INVALID_VALUE",
    "TOO_LARGE",
    "RESOURCE_EXHAUSTED",
    "STORE_UNAVAILABLE",
    "STORAGE_UNAVAILABLE",
    "STORAGE_CORRUPT",
    "ENGINE_FAILED",
    "DRAINING",
    "TOO_MANY_REQUESTS",
    "INTERRUPTED",
    "CANCELLED",
    "INTERNAL",
]

Status = Literal[
    "UNAVAILABLE",
    "NOT_MATERIALIZED",
    "TOO_EARLY",
    "NOT_FOUND",
    "OUTSIDE_MAX_AGE",
    "INVALID",
    "NULL_VALUE",
    "PRESENT",
]

#: Whether the same call may succeed later, unchanged, by error code.
RETRYABLE: Final[dict[str, bool]] = {
    "INVALID_REQUEST": False,
    "INVALID_CONFIG": False,
    "INVALID_DEFINITION": False,
    "INVALID_LABELS": False,
    "UNAUTHENTICATED": False,
    "FORBIDDEN": False,
    "NOT_ACCEPTABLE": False,
    "UNKNOWN_NAME": False,
    "NOT_APPLIED": False,
    "NOT_MATERIALIZED": False,
    "OFFLINE_ONLY": False,
    "NOT_SUPPORTED": False,
    "BEHIND_WATERMARK": False,
    "SOURCE_MISMATCH": False,
    "CONFLICT": True,
    "INVALID_VALUE": False,
    "TOO_LARGE": False,
    "RESOURCE_EXHAUSTED": True,
    "STORE_UNAVAILABLE": True,
    "STORAGE_UNAVAILABLE": True,
    "STORAGE_CORRUPT": False,
    "ENGINE_FAILED": False,
    "DRAINING": True,
    "TOO_MANY_REQUESTS": True,
    "INTERRUPTED": True,
    "CANCELLED": False,
    "INTERNAL": False,
}

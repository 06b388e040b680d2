"""What the project of the vectors holds, as Python has it: features of every type, with values at their extremes."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
SEEN_AT = datetime(2026, 1, 2, 3, 4, 5, 678901, timezone.utc)

#: The values of `profile`, by user.
PROFILES: dict[int, dict[str, Any]] = {
    1: {
        "flag": True,
        "small": -(2**31),
        "points": 9007199254740993,
        "share": 0.1,
        "weight": 1e300,
        "country": "Čad \U0001f600 \"'\\",
        "seen_at": SEEN_AT,
        "raw": b"\x00\xff\x80",
        "tags": ["a", None, ""],
        "times": [SEEN_AT, None],
        "shares": [0.1, 16777216.0, None],
        "embedding": [0.5, -0.1, 3.0],
    },
    2: {
        "flag": False,
        "small": 2**31 - 1,
        "points": INT64_MAX,
        "share": -3.4028235e38,
        "weight": 0.1,
        "country": "",
        "seen_at": datetime(1, 1, 1, tzinfo=timezone.utc),
        "raw": b"",
        "tags": [],
        "times": [],
        "shares": [],
        "embedding": [0.0, 1e-7, 1e10],
    },
    INT64_MIN: {
        "flag": None,
        "small": None,
        "points": INT64_MIN,
        "share": None,
        "weight": 123456789.5,
        "country": None,
        "seen_at": datetime(9999, 12, 31, 23, 59, 59, 999999, timezone.utc),
        "raw": None,
        "tags": None,
        "times": None,
        "shares": None,
        "embedding": None,
    },
}
SPENDING: dict[int, dict[str, Any]] = {
    1: {"clicks_1d": 2, "spend_1d": 3.5, "last_prices": [2.0, 1.5]},
    2: {"clicks_1d": 0, "spend_1d": None, "last_prices": [4.0]},
}
CLICKED_AT = datetime(2026, 1, 7, 12, 30, tzinfo=timezone.utc)
SHOPS: dict[int, dict[str, Any]] = {
    1: {
        "spend_by": {"10": 2.0, "2": 1.5},
        "seen_by": {"10": CLICKED_AT, "2": datetime(2026, 1, 7, 10, tzinfo=timezone.utc)},
        "last_click": {"shop": "10", "price": 2.0, "ts": CLICKED_AT},
        "top_shop": ["10"],
    },
    2: {
        "spend_by": {},
        "seen_by": {},
        "last_click": {"shop": None, "price": 4.0, "ts": datetime(2026, 1, 5, tzinfo=timezone.utc)},
        "top_shop": [],
    },
}
NO_SHOPS: dict[str, Any] = {"spend_by": {}, "seen_by": {}, "last_click": None, "top_shop": []}
NO_SPENDING: dict[str, Any] = {"clicks_1d": 0, "spend_1d": None, "last_prices": []}


def expected(user: int) -> dict[str, Any]:
    """What the service `everything` has of a user, at UNTIL."""
    unknown: dict[str, Any] = dict.fromkeys(PROFILES[1])
    profile = {f"profile__{name}": value for name, value in PROFILES.get(user, unknown).items()}
    spending = {f"spending__{name}": value for name, value in SPENDING.get(user, NO_SPENDING).items()}
    shops = {f"shops__{name}": value for name, value in SHOPS.get(user, NO_SHOPS).items()}
    return profile | spending | shops

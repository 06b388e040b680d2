"""Instants: microseconds since 1970 in UTC, as RFC 3339 text, and as ``datetime``."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DAY_MICROS = 86_400_000_000

_TEXT = re.compile(r"([+-]\d{6}|\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?Z")


def micros_of(text: str) -> int:
    """Of a text as the server writes it; years of more than four digits included, which ``datetime`` lacks."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no instant")
    year, month, day, hour, minute, second = (int(group) for group in match.groups()[:6])
    fraction = int((match.group(7) or "").ljust(6, "0"))
    return _days(year, month, day) * DAY_MICROS + ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction


def _days(year: int, month: int, day: int) -> int:
    """Since 1970, in the Gregorian calendar; http://howardhinnant.github.io/date_algorithms.html#days_from_civil"""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def datetime_of(micros: int) -> datetime:
    """OverflowError outside of the years 1 to 9999."""
    try:
        return EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        message = f"{micros} microseconds since 1970 lie outside of the years 1 to 9999 of datetime: use to_arrow()"
        raise OverflowError(message) from None


def instant_text(value: str | datetime) -> str:
    """As requests have it. A ``datetime`` without a zone is UTC, as everywhere in Plumb."""
    if isinstance(value, str):
        return value
    aware = value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)
    return aware.isoformat().replace("+00:00", "Z")

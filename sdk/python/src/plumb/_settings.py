"""The client's options, checked once."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Settings:
    #: Without a slash at its end.
    url: str
    #: Not shown: they hold the API key, and tracebacks show what stands in variables.
    headers: Mapping[str, str] = field(repr=False)
    #: Seconds.
    timeout: float
    silence: float
    retries: int


@dataclass(frozen=True)
class Patience:
    """How long and how often is tried, as the user gave it."""

    timeout: float
    silence: float
    retries: int


def settings_of(url: str, api_key: str | None, headers: Mapping[str, str] | None, patience: Patience) -> Settings:
    """ValueError where an option cannot be; no message repeats a header, which may be a secret."""
    if isinstance(patience.retries, bool) or not isinstance(patience.retries, int) or patience.retries < 0:
        raise ValueError(f"retries: found {patience.retries!r}, expected a whole number from 0")
    return Settings(
        url=_base_url(url),
        headers={"user-agent": _user_agent(), **_authorization(api_key), **_checked(headers or {})},
        timeout=positive("timeout", patience.timeout),
        silence=positive("silence", patience.silence),
        retries=patience.retries,
    )


def positive(name: str, seconds: float) -> float:
    if not math.isnan(seconds) and seconds > 0:
        return seconds
    raise ValueError(f"{name}: found {seconds!r}, expected a number of seconds above 0")


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("url: expected an http or https address such as http://127.0.0.1:6567")
    if parts.username is not None or parts.password is not None:
        raise ValueError("url: credentials do not belong there; use `api_key` or `headers`")
    if parts.query or parts.fragment:
        raise ValueError("url: expected no query and no fragment")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _authorization(api_key: str | None) -> dict[str, str]:
    key = os.environ.get("PLUMB_API_KEY") if api_key is None else api_key
    if not key:
        return {}
    if re.fullmatch(r"[\x21-\x7e]+", key) is None:
        raise ValueError("api_key: expected printable ASCII without spaces")
    return {"authorization": f"Bearer {key}"}


def _checked(headers: Mapping[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) is None or re.fullmatch(r"[\t\x20-\x7e]*", value) is None:
            raise ValueError(f"headers: the name or the value of {name!r} is not valid in HTTP")
    return {name.lower(): value.strip() for name, value in headers.items()}


def _user_agent() -> str:
    try:
        return f"plumb-client/{version('plumb-client')}"
    except PackageNotFoundError:
        return "plumb-client"

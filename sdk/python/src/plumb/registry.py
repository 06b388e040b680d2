"""What is registered, in the words of definitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ._call import Call, escaped
from ._pages import items_of
from ._transport import Transport
from .wire import RegistrySummary


class Registry:
    """All of it describes the newest registered version. ``NOT_APPLIED`` before the first ``plumb apply``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def summary(self) -> RegistrySummary:
        """The version, and all names."""
        summary: RegistrySummary = self._transport.json(Call("GET", "/v1/registry"))
        return summary

    def entities(self) -> Iterator[dict[str, Any]]:
        return items_of(self._transport, "/v1/entities", "entities")

    def sources(self) -> Iterator[dict[str, Any]]:
        return items_of(self._transport, "/v1/sources", "sources")

    def feature_views(self) -> Iterator[dict[str, Any]]:
        return items_of(self._transport, "/v1/feature-views", "featureViews")

    def feature_services(self) -> Iterator[dict[str, Any]]:
        return items_of(self._transport, "/v1/feature-services", "featureServices")

    def feature_view(self, name: str) -> dict[str, Any]:
        """``UNKNOWN_NAME`` where there is none."""
        view: dict[str, Any] = self._transport.json(Call("GET", f"/v1/feature-views/{escaped(name)}"))
        return view

    def feature_service(self, name: str) -> dict[str, Any]:
        """``UNKNOWN_NAME`` where there is none."""
        service: dict[str, Any] = self._transport.json(Call("GET", f"/v1/feature-services/{escaped(name)}"))
        return service

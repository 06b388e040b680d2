"""Lists that the server gives in pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ._call import Call
from ._transport import Transport, expect_fields


def items_of(
    transport: Transport, path: str, field: str, query: Mapping[str, str | int | None] | None = None
) -> Iterator[Any]:
    """Pages are fetched as the loop reaches them; a loop that ends early fetches no more. ``field``: the list in a page."""
    cursor: str | None = None
    while True:
        call = Call("GET", path, query={**(query or {}), "cursor": cursor})
        page = expect_fields(call.label, transport.json(call), {field: list})
        yield from page[field]
        cursor = page.get("next")
        if cursor is None:
            return

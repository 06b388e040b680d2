"""Lookups of a real server. The first answer to a question comes as Arrow, the next ones as JSON: tests look at both."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pandas
import polars
import pyarrow as pa
import pytest

from plumb import Client, PlumbError
from plumb._labels import ipc_stream

from .plumb_server import answering, faulty
from .vectors import UNTIL
from .world import INT64_MIN, PROFILES, SEEN_AT, expected

USERS = [1, 2, INT64_MIN, 77]
AT = datetime(2026, 1, 8, tzinfo=timezone.utc)


def keys(users: list[int]) -> list[dict[str, Any]]:
    return [{"user_id": user} for user in users]


def test_values_of_every_type_in_both_forms(client: Client) -> None:
    for _ in ("Arrow", "JSON"):
        answer = client.online_features(service="everything", entities=keys(USERS), at=UNTIL)
        assert answer.to_dicts() == [expected(user) for user in USERS]
        found, wanted = answer.to_dicts()[0], expected(1)
        assert [type(value) for value in found.values()] == [type(value) for value in wanted.values()]
        assert (answer.service, answer.version, answer.at, len(answer)) == ("everything", 1, UNTIL, 4)
        assert answer.statuses is None and answer.event_times is None and answer.as_of is None


def test_arrow_tables_are_equal_whichever_form_came(client: Client) -> None:
    def ask() -> pa.Table:
        answer = client.online_features(
            service="everything", entities=keys(USERS), at=AT, statuses=True, event_times=True
        )
        return answer.to_arrow()

    first, second = ask(), ask()
    assert second.equals(first, check_metadata=True)
    assert first.schema.field("profile__embedding").type == pa.list_(pa.float32(), 3)
    assert first.column("profile__points").to_pylist() == [PROFILES[user]["points"] for user in USERS[:3]] + [None]
    assert first.schema.field("shops__spend_by").type == pa.map_(pa.string(), pa.float64())
    row = pa.struct([("shop", pa.string()), ("price", pa.float64()), ("ts", pa.timestamp("us", "UTC"))])
    assert first.schema.field("shops__last_click").type == row
    assert first.column_names[-3:] == ["profile__event_time", "spending__event_time", "shops__event_time"]


def test_a_map_keeps_its_order(client: Client) -> None:
    for _ in ("Arrow", "JSON"):
        (row,) = client.online_features(features=["shops:spend_by"], entities=keys([1]), at=UNTIL).to_dicts()
        assert list(row["shops__spend_by"].items()) == [("10", 2.0), ("2", 1.5)]


def test_statuses_event_times_and_as_of(client: Client) -> None:
    for _ in ("Arrow", "JSON"):
        answer = client.online_features(
            service="ranking", entities=keys([1, 77]), at=UNTIL, statuses=True, event_times=True, as_of=True
        )
        present, not_found = (dict.fromkeys(answer.features, status) for status in ("PRESENT", "NOT_FOUND"))
        assert answer.statuses == [present, not_found]
        assert answer.event_times is not None
        assert answer.event_times[0]["profile__country"] == datetime(2026, 1, 1, tzinfo=timezone.utc)
        assert answer.event_times[1]["profile__country"] is None
        assert answer.as_of == {"profile": AT, "spending": AT}
        assert answer.changed == []


def test_pandas_and_polars_keep_digits_and_instants(client: Client) -> None:
    for _ in ("Arrow", "JSON"):
        answer = client.online_features(service="everything", entities=keys([1, 77]), at=UNTIL)
        frame = answer.to_pandas()
        assert frame["profile__points"].tolist() == [9007199254740993, pandas.NA]
        assert str(frame["profile__points"].dtype) == "Int64"
        assert str(frame["spending__clicks_1d"].dtype) == "int64"
        assert frame["profile__seen_at"][0] == pandas.Timestamp(SEEN_AT)
        other = answer.to_polars()
        assert other["profile__points"].to_list() == [9007199254740993, None]
        assert other["profile__seen_at"].to_list() == [SEEN_AT, None]


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "nullable", "text", "numpy"])
def test_entities_of_any_kind(client: Client, kind: str) -> None:
    users = [1, INT64_MIN]
    frame = pandas.DataFrame({"user_id": users, "when": [AT, AT], "note": ["x", None]})
    rows: Any = {
        "pandas": frame,
        "polars": polars.DataFrame({"user_id": users}),
        "arrow": pa.table({"user_id": pa.array(users, pa.int64())}),
        "nullable": pandas.DataFrame({"user_id": pandas.array(users, "Int64")}, index=[5, 7]),
        "text": [{"user_id": str(user)} for user in users],
        "numpy": [{"user_id": user} for user in frame["user_id"].to_numpy()],
    }[kind]
    answer = client.online_features(features=["profile:points"], entities=rows, at=UNTIL)
    assert answer.to_dicts() == [{"profile__points": PROFILES[user]["points"]} for user in users]
    assert answer.service is None


def test_a_key_that_is_missing_in_a_frame_is_not_found(client: Client) -> None:
    rows = pandas.DataFrame({"user_id": [1.0, float("nan")]})
    answer = client.online_features(features=["profile:small"], entities=rows, at=UNTIL, statuses=True)
    assert answer.statuses == [{"profile__small": "PRESENT"}, {"profile__small": "NOT_FOUND"}]


def test_a_nan_is_refused_before_it_is_sent(client: Client) -> None:
    with pytest.raises(ValueError):
        client.online_features(service="ranking", entities=[{"user_id": float("nan")}])


def test_no_entities_no_rows(client: Client) -> None:
    for _ in ("Arrow", "JSON"):
        answer = client.online_features(service="ranking", entities=[])
        assert answer.to_dicts() == [] and len(answer) == 0
        assert answer.to_arrow().num_columns == 4


def test_many_values_come_as_arrow(client: Client) -> None:
    users = list(range(1, 3_001))
    answer = client.online_features(service="everything", entities=keys(users), at=UNTIL)
    again = client.online_features(service="everything", entities=keys(users), at=UNTIL)
    assert answer.to_dicts() == again.to_dicts() == [expected(user) for user in users]


def test_a_feature_without_event_times_yet_comes_as_arrow_until_it_has_them() -> None:
    kind = "application/vnd.apache.arrow.stream"
    head = {"version": "1", "features": "1", "at": UNTIL}
    table = pa.table({"profile__new": pa.array([None], pa.int64())}).replace_schema_metadata(head)
    with (
        faulty(answering(200, bytes(ipc_stream(table)), {"content-type": kind})) as server,
        Client(server.url) as client,
    ):
        for _ in range(2):
            answer = client.online_features(features=["profile:new"], entities=keys([1]), event_times=True)
            assert answer.event_times == [{"profile__new": None}]
        assert [seen.headers["accept"] for seen in server.seen] == [kind, kind]


def test_explanations_of_one_entity(client: Client) -> None:
    answer = client.explain(features=["profile:points", "spending:spend_1d"], entity={"user_id": 1}, at=AT)
    assert (answer["service"], answer["version"], answer["at"]) == (None, 1, UNTIL)
    assert answer["statuses"] == [["PRESENT", "PRESENT"]]
    assert answer["rows"] == [[9007199254740993, 3.5]]
    points, spend = answer["explain"]
    assert (points["name"], points["value"], points["equal"]) == ("profile__points", 9007199254740993, True)
    assert points["recomputed"] == {"value": 9007199254740993, "status": "PRESENT"}
    assert (spend["window"]["from"], spend["window"]["to"], spend["rowsTotal"]) == ("2026-01-07T00:00:00Z", UNTIL, 2)
    assert spend["rows"][0]["columns"]["price"] == 2
    with pytest.raises(PlumbError) as refused:
        client.explain(service="no_such_service", entity={"user_id": 1})
    assert refused.value.code == "UNKNOWN_NAME"

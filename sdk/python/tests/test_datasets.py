"""Training sets, jobs, materializations and the registry, of a real server."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plumb import Client, Dataset, KeysOf, PlumbError, ServerFile
from plumb._values import python_values

from .vectors import UNTIL
from .world import INT64_MIN, PROFILES, SHOPS

AT = datetime(2026, 1, 8, tzinfo=timezone.utc)
USERS = [1, 2, INT64_MIN, 1]
TIMES = [AT, AT - timedelta(days=9), AT, AT]
POINTS = [PROFILES[1]["points"], None, INT64_MIN, PROFILES[1]["points"]]
COLUMNS = [
    "user_id",
    "event_timestamp",
    "profile__country",
    "profile__points",
    "spending__clicks_1d",
    "spending__spend_1d",
]


def arrow_labels() -> pa.Table:
    return pa.table({"user_id": pa.array(USERS, pa.int64()), "event_timestamp": TIMES})


def made(client: Client, name: str) -> Dataset:
    return client.training_set("ranking", arrow_labels(), name=name)


@pytest.mark.parametrize(
    "kind", ["pandas", "polars", "arrow", "dicts", "naive", "seconds", "parquet", "feather", "reader"]
)
def test_labels_of_any_kind(client: Client, tmp_path: Path, kind: str) -> None:
    table = arrow_labels()
    options: dict[str, Any] = {}
    labels: Any = table
    if kind == "pandas":
        labels = pandas.DataFrame({"user_id": USERS, "event_timestamp": TIMES}, index=[7, 7, 8, 9])
    elif kind == "polars":
        labels = polars.DataFrame({"user_id": USERS, "event_timestamp": TIMES})
    elif kind == "dicts":
        labels = [{"user_id": user, "event_timestamp": time} for user, time in zip(USERS, TIMES, strict=True)]
    elif kind == "naive":
        naive = [time.replace(tzinfo=None) for time in TIMES]
        labels = pandas.DataFrame({"user_id": USERS, "event_timestamp": naive})
    elif kind == "seconds":
        labels = pandas.DataFrame({"user_id": USERS, "t": [int(time.timestamp()) for time in TIMES]})
        options = {"timestamp_column": "t", "timestamp_unit": "s"}
    elif kind == "parquet":
        labels = tmp_path / "labels.parquet"
        pq.write_table(table, labels)
    elif kind == "feather":
        labels = str(tmp_path / "labels.arrow")
        with pa.ipc.new_file(labels, table.schema) as writer:
            writer.write_table(table)
    elif kind == "reader":
        labels = table.to_reader()
    training = client.training_set("ranking", labels, name=f"from_{kind}", **options)
    assert training.to_arrow().column("profile__points").to_pylist() == POINTS


def test_all_forms_of_a_training_set(client: Client, tmp_path: Path) -> None:
    training = made(client, "forms")
    assert (training.name, training.version, len(training)) == ("forms", 1, 4)
    assert training.columns == COLUMNS
    table = training.to_arrow()
    assert table.column_names == COLUMNS
    frame = training.to_pandas()
    assert frame["profile__points"].tolist() == [pandas.NA if value is None else value for value in POINTS]
    assert frame["event_timestamp"][1] == pandas.Timestamp(TIMES[1])
    some = ["spending__clicks_1d", "user_id"]
    assert training.to_polars(some).rows() == [(2, 1), (0, 2), (0, INT64_MIN), (2, 1)]
    opened = training.open(tmp_path)
    assert opened.to_table().equals(table)
    with pytest.raises(ValueError, match="spending__clicks_1d"):
        training.to_arrow(["clicks"])


def test_columns_have_the_types_of_lookups(client: Client) -> None:
    labels = [{"user_id": 1, "event_timestamp": AT}]
    trained = client.training_set("everything", labels, name="types").to_arrow().schema
    served = client.online_features(service="everything", entities=[{"user_id": 1}]).to_arrow().schema
    for field in served:
        if field.name != "profile__embedding":
            assert trained.field(field.name).type == field.type


def test_a_download_is_kept_and_a_damaged_one_is_not(client: Client, tmp_path: Path) -> None:
    training = made(client, "download")
    (path,) = training.download(tmp_path)
    part = training.manifest["parts"][0]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == part["sha256"]
    before = path.stat().st_mtime_ns
    assert training.download(tmp_path) == [path] and path.stat().st_mtime_ns == before
    path.write_bytes(bytes(part["sizeBytes"]))
    training.download(tmp_path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == part["sha256"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["part-00000.parquet"]


def test_versions_and_the_list(client: Client) -> None:
    first, second = made(client, "versions"), made(client, "versions")
    assert second.version == first.version + 1
    assert client.dataset("versions").manifest == second.manifest
    assert client.dataset("versions", first.version).manifest == first.manifest
    assert {listed.name: listed.version for listed in client.datasets()}["versions"] == second.version
    with pytest.raises(PlumbError) as caught:
        client.dataset("nothing")
    assert caught.value.code == "UNKNOWN_NAME"


def test_progress_is_told_and_a_job_is_taken_up_again(client: Client) -> None:
    seen: list[str] = []
    job = client.start_training_set("ranking", arrow_labels(), name="progress")
    again = client.dataset_job(job.id)
    training = again.wait(on_progress=lambda _, state: seen.append(state["status"]), poll=0.02)
    assert seen[-1] == "succeeded"
    assert job.wait().manifest == training.manifest
    assert job.cancel()["status"] == "succeeded"


def test_a_wait_that_is_over_leaves_the_job(client: Client) -> None:
    job = client.start_training_set("ranking", arrow_labels(), name="waited")
    with pytest.raises(PlumbError) as caught:
        job.wait(timeout=0.001)
    assert caught.value.code == "CLIENT_TIMEOUT"
    assert len(job.wait()) == 4


def test_labels_that_cannot_be_used_fail_with_the_job(client: Client) -> None:
    with pytest.raises(PlumbError) as caught:
        client.training_set("ranking", pandas.DataFrame({"user_id": [1]}))
    assert caught.value.code == "INVALID_LABELS"
    with pytest.raises(PlumbError, match="no rows") as caught:
        client.training_set("ranking", arrow_labels().slice(0, 0))
    assert caught.value.code == "INVALID_LABELS"
    table = pa.table({"user_id": ["one"], "event_timestamp": [AT]})
    with pytest.raises(PlumbError) as caught:
        client.training_set("ranking", table)
    error = caught.value
    assert (error.code, error.status) == ("INVALID_LABELS", None)
    assert error.job is not None and error.job["status"] == "failed"


def test_a_file_outside_of_the_servers_roots_is_refused(client: Client, tmp_path: Path) -> None:
    with pytest.raises(PlumbError) as caught:
        client.training_set("ranking", ServerFile("labels.parquet"))
    assert caught.value.code == "INVALID_REQUEST"
    with pytest.raises(ValueError, match="ServerFile"):
        client.training_set("ranking", tmp_path / "labels.csv")


def test_every_key_of_a_view_at_an_instant(client: Client) -> None:
    training = client.training_set("ranking", KeysOf("profile", at=AT), name="of_keys")
    assert set(training.to_arrow(["user_id"])["user_id"].to_pylist()) == set(PROFILES)
    assert len(training) == len(PROFILES)
    grid = KeysOf("profile", start=AT, end=AT + timedelta(days=2), every="1d")
    assert len(client.training_set("ranking", grid, name="of_keys")) == 2 * len(PROFILES)
    with pytest.raises(PlumbError) as caught:
        client.training_set("ranking", KeysOf("profile"))
    assert caught.value.code == "INVALID_REQUEST"


def test_features_of_a_former_set_are_not_computed_again(client: Client) -> None:
    former = made(client, "former")
    again = client.training_set("ranking", arrow_labels(), name="again", reuse=f"former@{former.version}")
    assert again.manifest["reused"]["features"] == former.features
    assert again.to_arrow().equals(former.to_arrow())
    with pytest.raises(PlumbError) as caught:
        client.training_set("ranking", arrow_labels().slice(1), reuse=f"former@{former.version}")
    assert caught.value.code == "INVALID_LABELS"


def test_instants_in_maps_and_structs_are_in_utc_as_lookups_give_them(client: Client, tmp_path: Path) -> None:
    training = client.training_set("everything", arrow_labels(), name="nested")
    table = training.to_arrow(["profile__times", "shops__seen_by", "shops__last_click"])
    answer = training.online_features([{"user_id": 1}], at=UNTIL).to_arrow()
    for name in table.column_names:
        assert table.schema.field(name).type == answer.schema.field(name).type
    assert training.open(tmp_path).to_table(table.column_names).equals(table)
    assert python_values(table.column("shops__seen_by"))[0] == SHOPS[1]["seen_by"]
    assert python_values(table.column("shops__last_click"))[0] == SHOPS[1]["last_click"]
    assert len(training.to_pandas()) == len(training.to_polars()) == 4


def test_labels_that_are_defined_are_no_features(client: Client) -> None:
    training = made(client, "plain")
    assert training.labels == []
    ahead = {"name": "churned__n", "feature": "churned:n", "readAs": ["user_id"], "meaning": "m", "label": True}
    training.manifest["features"] = [ahead, *training.manifest["features"]]  # type: ignore[list-item]
    assert training.labels == ["churned__n"]
    assert "churned__n" not in training.features


def test_the_features_that_a_model_learned_are_looked_up(client: Client) -> None:
    training = client.training_set("ranking", arrow_labels(), name="learned")
    assert training.features == [name for name in training.columns if name not in arrow_labels().column_names]
    entities = [{"user_id": 1}, {"user_id": 77}]
    wanted = client.online_features(service="ranking", entities=entities, at=UNTIL)
    for _ in ("Arrow", "JSON"):
        answer = training.online_features(entities, at=UNTIL)
        assert (answer.features, answer.service_version) == (training.features, 1)
        assert answer.to_dicts() == wanted.to_dicts()
        by_name = client.online_features(dataset=f"learned@{training.version}", entities=entities, at=UNTIL)
        assert by_name.to_dicts() == wanted.to_dicts()
    assert wanted.service_version is None
    with pytest.raises(PlumbError) as caught:
        client.online_features(dataset="learned@999", entities=entities)
    assert caught.value.code == "UNKNOWN_NAME"


def test_a_materialization(client: Client) -> None:
    runs = client.materialize(["profile"], until=UNTIL, mode="full")
    assert [(run["view"], run["outcome"]) for run in runs] == [("profile", "succeeded")]
    job = next(client.materializations())
    assert client.materialization_job(job["id"]).wait() == runs
    with pytest.raises(PlumbError) as caught:
        client.materialize(["profil"])
    assert caught.value.code == "UNKNOWN_NAME"
    with pytest.raises(PlumbError, match="service") as caught:
        client.materialize(service="rankin")
    assert caught.value.code == "UNKNOWN_NAME"


def test_the_registry_and_the_state(client: Client) -> None:
    assert client.registry.summary()["featureViews"] == ["profile", "shops", "spending"]
    assert [entity["name"] for entity in client.registry.entities()] == ["user"]
    assert [source["name"] for source in client.registry.sources()] == ["clicks", "profiles"]
    assert [view["name"] for view in client.registry.feature_views()] == ["profile", "shops", "spending"]
    assert [service["name"] for service in client.registry.feature_services()] == ["everything", "ranking"]
    assert client.registry.feature_view("profile")["kind"] == "row"
    assert client.registry.feature_service("ranking")["name"] == "ranking"
    assert {view["view"]: view["watermark"] for view in client.status()["views"]} == {
        "profile": UNTIL,
        "shops": UNTIL,
        "spending": UNTIL,
    }
    assert client.unready_reason() is None

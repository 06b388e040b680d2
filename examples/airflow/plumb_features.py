"""Materializes a scheduled view at each of its boundaries and makes a training set once a day, by plumb's own commands.

The view has `refresh: { every: 1h, delay: 5m }`. A DAG run is of one boundary: Airflow starts it once the hour is over, and the
task waits out the delay, so that it computes what a scheduler of Plumb would. Every command may be repeated; exit code 2 says
that the request is wrong, which no retry mends.
"""

from datetime import datetime, timedelta, timezone

from airflow.decorators import dag, task
from airflow.exceptions import AirflowFailException
from airflow.sensors.time_delta import TimeDeltaSensor

PROJECT = "/srv/features"
DELAY = timedelta(minutes=5)


def plumb(*words: str) -> dict:
    """Runs one command; returns the document that it prints."""
    import json
    import subprocess

    done = subprocess.run(["plumb", *words, "--json"], cwd=PROJECT, capture_output=True, text=True)
    document = json.loads(done.stdout or "{}")
    if done.returncode == 0:
        return document
    message = document.get("error", {}).get("message", done.stderr)
    if done.returncode == 2:
        raise AirflowFailException(message)
    raise RuntimeError(message)


@dag(
    schedule="0 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(seconds=20), "retry_exponential_backoff": True},
)
def plumb_features():
    delay = TimeDeltaSensor(task_id="delay", delta=DELAY, mode="reschedule")

    @task
    def materialize(data_interval_end: datetime | None = None) -> None:
        until = (data_interval_end + DELAY).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        plumb("materialize", "user_clicks", "--until", until)

    @task.short_circuit
    def is_night(data_interval_end: datetime | None = None) -> bool:
        return data_interval_end.hour == 3

    @task
    def training_set() -> int:
        return plumb("dataset", "create", "--service", "ranking", "--labels", "labels.parquet")["version"]

    delay >> materialize() >> is_night() >> training_set()


plumb_features()

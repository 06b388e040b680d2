-- strategy: row_deleted: one boundary, newest row of each key among the rows since the last run

-- visible rows
CREATE TEMP VIEW m_new AS
SELECT * FROM (
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, c3 AS x0, (c4 >= CAST(200 AS BIGINT)) AS x1, (TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) AS x2, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f2
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" <= CAST(make_timestamp(1767830521000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL
)
WHERE ts <= 1767830520000000 AND (ts >= 1767225600000000 OR created >= 1767225600000000);

-- visible rows, and what earlier runs wrote of their keys
CREATE TEMP VIEW m_rows AS
SELECT * FROM m_new
UNION ALL BY NAME
SELECT * FROM what_earlier_runs_wrote SEMI JOIN (SELECT DISTINCT k0 FROM m_new) USING (k0);

-- newest event time of each key
CREATE TEMP TABLE m_tops AS
SELECT k0, max(ts) AS ts FROM m_rows GROUP BY k0;

-- the last row of each key in row order
CREATE TEMP VIEW m_values AS
SELECT k0, ts AS row_ts, created, x0 AS v0, f2 AS i0, x1 AS v1, f2 AS i1, coalesce(x2 AND NOT f2, false) AS deleted
FROM m_rows JOIN m_tops USING (k0, ts)
QUALIFY row_number() OVER (PARTITION BY k0 ORDER BY created DESC NULLS LAST, x0 DESC NULLS LAST, x1 DESC NULLS LAST, x2 DESC NULLS LAST) = 1;

-- result
SELECT k0 AS "airport",
  make_timestamp(CAST(row_ts AS BIGINT)) AS __event_time,
  make_timestamp(CAST(created AS BIGINT)) AS __created_time,
  v0 AS "delay",
  v1 AS "is_large",
  deleted AS __deleted,
  nullif(list_filter([CASE WHEN i0 THEN 'delay' END, CASE WHEN i1 THEN 'is_large' END], lambda item: item IS NOT NULL), []) AS __invalid
FROM m_values
ORDER BY k0;

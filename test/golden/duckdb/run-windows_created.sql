-- strategy: windows_created: one boundary, grouped by airport

-- aggregates by key
CREATE TEMP VIEW m_values AS
SELECT k0, row_ts, a0_0 AS v0, a1_0 AS v1
FROM (
SELECT k0, max(ts) AS row_ts, count(*) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 86400000000)) AS a0_0, max(x0) FILTER (WHERE x0 IS NOT NULL) AS a1_0
FROM (
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, c3 AS x0
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" <= CAST(make_timestamp(1767826801000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL AND created IS NOT NULL
)
WHERE ts < CAST(1767826800000000 AS BIGINT) AND created <= 1767827100000000
GROUP BY k0
);

-- result
SELECT k0 AS "airport",
  make_timestamp(CAST(row_ts AS BIGINT)) AS __event_time,
  make_timestamp(CAST(NULL AS BIGINT)) AS __created_time,
  v0 AS "flights",
  v1 AS "worst",
  CAST(NULL AS VARCHAR[]) AS __invalid
FROM m_values
ORDER BY k0;

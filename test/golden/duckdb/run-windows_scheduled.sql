-- strategy: windows_scheduled: one boundary, grouped by airport

-- aggregates by key
CREATE TEMP VIEW m_values AS
SELECT k0, row_ts, a0_0 AS v0, CASE WHEN isfinite(a1_0) THEN a1_0 + 0.0 END AS v1, CASE WHEN NOT (coalesce((a2_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a2_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a2_0 AS BIGINT) END END AS v2, (coalesce((a2_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i2, a3_0 AS v3, coalesce(a4_0, CAST([] AS DOUBLE[])) AS v4, a5_0 AS v5
FROM (
SELECT k0, max(ts) AS row_ts, count(*) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 86400000000)) AS a0_0, avg(CAST(x0 AS DOUBLE)) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)) AS a1_0, sum(x1) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)) AS a2_0, arg_min(x0, row(ts, coalesce(created, -9223372036854775808), x0)) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 86400000000) AND x0 IS NOT NULL) AS a3_0, arg_max(x0, row(ts, coalesce(created, -9223372036854775808), x0), 3) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 86400000000) AND x0 IS NOT NULL) AS a4_0, count(DISTINCT x1) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)) AS a5_0
FROM (
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, c3 AS x0, c4 AS x1
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" >= CAST(make_timestamp(1767221999000000::BIGINT) AS TIMESTAMP) AND "ts" <= CAST(make_timestamp(1767826801000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL
)
WHERE ts < CAST(1767826800000000 AS BIGINT) AND ts >= least((CAST(1767826800000000 AS BIGINT) - 86400000000), (CAST(1767826800000000 AS BIGINT) - 604800000000))
GROUP BY k0
);

-- result
SELECT k0 AS "airport",
  make_timestamp(CAST(row_ts AS BIGINT)) AS __event_time,
  make_timestamp(CAST(NULL AS BIGINT)) AS __created_time,
  v0 AS "flights",
  v1 AS "mean_delay",
  v2 AS "seats",
  v3 AS "first_delay",
  v4 AS "last_delays",
  v5 AS "sizes",
  nullif(list_filter([CASE WHEN i2 THEN 'seats' END], lambda item: item IS NOT NULL), []) AS __invalid
FROM m_values
ORDER BY k0;

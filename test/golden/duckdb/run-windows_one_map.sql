-- strategy: windows_one_map: one boundary, grouped by airport

-- aggregates by key
CREATE TEMP VIEW m_values AS
SELECT k0, max(row_ts) AS row_ts, CASE WHEN NOT (bool_or(i0)) THEN coalesce(map_from_entries(list_transform(list_sort(list({'rank': rank0, 'item': {'key': x1, 'value': v0}}) FILTER (WHERE x1 IS NOT NULL AND v1 > 0 AND rank0 <= 5)), lambda one: one.item)), CAST(MAP {} AS MAP(VARCHAR, BIGINT))) END AS v0, (bool_or(i0)) AS i0
FROM (
SELECT *, row_number() OVER (PARTITION BY k0 ORDER BY x1 IS NOT NULL AND v1 > 0 DESC NULLS LAST, v0 DESC NULLS LAST, x1) AS rank0
FROM (
SELECT k0, x1, row_ts, CASE WHEN NOT (coalesce((a0_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a0_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a0_0 AS BIGINT) END END AS v0, (coalesce((a0_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i0, a1_0 AS v1
FROM (
SELECT k0, x1, max(ts) AS row_ts, sum(x0) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)) AS a0_0, count(x0) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)) AS a1_0
FROM (
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, CASE WHEN (c2 IS NOT NULL) THEN c4 END AS x0, list_transform([c2], lambda instant: CASE WHEN date_part('year', instant) BETWEEN 0 AND 9999 THEN format('{:04d}', date_part('year', instant))
    ELSE CASE WHEN date_part('year', instant) < 0 THEN '-' ELSE '+' END || format('{:06d}', abs(date_part('year', instant))) END || strftime(instant, '-%m-%dT%H:%M:%S') || CASE WHEN date_part('microsecond', instant) % 1000000 = 0 THEN '' WHEN date_part('microsecond', instant) % 1000000 % 1000 = 0 THEN format('.{:03d}', CAST((date_part('microsecond', instant) % 1000000) // 1000 AS BIGINT))
    ELSE format('.{:06d}', date_part('microsecond', instant) % 1000000) END || 'Z')[1] AS x1
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
WHERE ts < CAST(1767826800000000 AS BIGINT) AND ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)
GROUP BY k0, x1
)
)
)
GROUP BY k0;

-- result
SELECT k0 AS "airport",
  make_timestamp(CAST(row_ts AS BIGINT)) AS __event_time,
  make_timestamp(CAST(NULL AS BIGINT)) AS __created_time,
  v0 AS "seats_by",
  nullif(list_filter([CASE WHEN i0 THEN 'seats_by' END], lambda item: item IS NOT NULL), []) AS __invalid
FROM m_values
ORDER BY k0;

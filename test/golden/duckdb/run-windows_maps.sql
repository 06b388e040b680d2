-- strategy: windows_maps: one boundary, grouped by airport

-- source rows in the time range
CREATE TEMP TABLE m_rows AS
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, CASE WHEN (c4 IS NOT NULL) THEN c3 END AS x0, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f0, CAST(c4 AS VARCHAR) AS x1, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f1, CASE WHEN (c4 IS NOT NULL) THEN TRUE END AS x2, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f2, CASE WHEN (c2 IS NOT NULL) THEN c4 END AS x3, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f3, list_transform([c2], lambda instant: CASE WHEN date_part('year', instant) BETWEEN 0 AND 9999 THEN format('{:04d}', date_part('year', instant))
    ELSE CASE WHEN date_part('year', instant) < 0 THEN '-' ELSE '+' END || format('{:06d}', abs(date_part('year', instant))) END || strftime(instant, '-%m-%dT%H:%M:%S') || CASE WHEN date_part('microsecond', instant) % 1000000 = 0 THEN '' WHEN date_part('microsecond', instant) % 1000000 % 1000 = 0 THEN format('.{:03d}', CAST((date_part('microsecond', instant) % 1000000) // 1000 AS BIGINT))
    ELSE format('.{:06d}', date_part('microsecond', instant) % 1000000) END || 'Z')[1] AS x4, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f4, ((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL) AS fw
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" >= CAST(make_timestamp(1767221999000000::BIGINT) AS TIMESTAMP) AND "ts" <= CAST(make_timestamp(1767826801000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL AND (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT))) OR ((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL));

-- aggregates by key
CREATE TEMP VIEW m_values AS
SELECT s0.*, s1.* EXCLUDE (k0, row_ts), s2.* EXCLUDE (k0, row_ts)
FROM (
SELECT k0, row_ts, v0 AS v0, i0 AS i0
FROM (
SELECT k0, row_ts, CASE WHEN NOT (coalesce(g0, false)) THEN a0_0 END AS v0, (coalesce(g0, false)) AS i0
FROM (
SELECT k0, max(ts) AS row_ts, count(*) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 86400000000)) AS a0_0, bool_or(fw) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 86400000000)) AS g0
FROM m_rows
WHERE ts < CAST(1767826800000000 AS BIGINT) AND ts >= least((CAST(1767826800000000 AS BIGINT) - 86400000000), (CAST(1767826800000000 AS BIGINT) - 604800000000))
GROUP BY k0
)
)
) s0
JOIN (
SELECT k0, max(row_ts) AS row_ts, CASE WHEN NOT (bool_or(i0)) THEN coalesce(map_from_entries(list_transform(list_sort(list({'rank': rank1, 'item': {'key': x1, 'value': v0}}) FILTER (WHERE x1 IS NOT NULL AND v2 > 0 AND rank1 <= 3)), lambda one: one.item)), CAST(MAP {} AS MAP(VARCHAR, DOUBLE))) END AS v1, (bool_or(i0)) AS i1, CASE WHEN NOT (bool_or(i1) OR count(*) FILTER (WHERE x1 IS NOT NULL AND v1 > 0) > 1000) THEN coalesce(map_from_entries(list_sort(list({'key': x1, 'value': v1}) FILTER (WHERE x1 IS NOT NULL AND v1 > 0))), CAST(MAP {} AS MAP(VARCHAR, BIGINT))) END AS v2, (bool_or(i1) OR count(*) FILTER (WHERE x1 IS NOT NULL AND v1 > 0) > 1000) AS i2
FROM (
SELECT *, row_number() OVER (PARTITION BY k0 ORDER BY x1 IS NOT NULL AND v2 > 0 DESC NULLS LAST, v0 DESC NULLS LAST, x1) AS rank1
FROM (
SELECT k0, x1, row_ts, CASE WHEN NOT (coalesce(g0, false)) THEN CASE WHEN isfinite(a0_0) THEN a0_0 + 0.0 END END AS v0, (coalesce(g0, false)) AS i0, CASE WHEN NOT (coalesce(g1, false)) THEN a1_0 END AS v1, (coalesce(g1, false)) AS i1, CASE WHEN NOT (coalesce(g2, false)) THEN a2_0 END AS v2, (coalesce(g2, false)) AS i2
FROM (
SELECT k0, x1, max(ts) AS row_ts, avg(CAST(x0 AS DOUBLE)) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)) AS a0_0, bool_or(f0) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)) AS g0, count(x2) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 86400000000)) AS a1_0, bool_or(f2) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 86400000000)) AS g1, count(x0) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)) AS a2_0, bool_or(f0) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)) AS g2
FROM m_rows
WHERE ts < CAST(1767826800000000 AS BIGINT) AND ts >= least((CAST(1767826800000000 AS BIGINT) - 86400000000), (CAST(1767826800000000 AS BIGINT) - 604800000000))
GROUP BY k0, x1
)
)
)
GROUP BY k0
) s1 USING (k0)
JOIN (
SELECT k0, max(row_ts) AS row_ts, CASE WHEN NOT (bool_or(i0)) THEN coalesce(list_transform(list_sort(list({'rank': rank3, 'item': x4}) FILTER (WHERE x4 IS NOT NULL AND v1 > 0 AND rank3 <= 5)), lambda one: one.item), CAST([] AS VARCHAR[])) END AS v3, (bool_or(i0)) AS i3
FROM (
SELECT *, row_number() OVER (PARTITION BY k0 ORDER BY x4 IS NOT NULL AND v1 > 0 DESC NULLS LAST, v0 DESC NULLS LAST, x4) AS rank3
FROM (
SELECT k0, x4, row_ts, CASE WHEN NOT (coalesce(g0, false) OR coalesce((a0_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a0_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a0_0 AS BIGINT) END END AS v0, (coalesce(g0, false) OR coalesce((a0_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i0, CASE WHEN NOT (coalesce(g1, false)) THEN a1_0 END AS v1, (coalesce(g1, false)) AS i1
FROM (
SELECT k0, x4, max(ts) AS row_ts, sum(x3) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)) AS a0_0, bool_or(f3) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)) AS g0, count(x3) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)) AS a1_0, bool_or(f3) FILTER (WHERE ts >= (CAST(1767826800000000 AS BIGINT) - 604800000000)) AS g1
FROM m_rows
WHERE ts < CAST(1767826800000000 AS BIGINT) AND ts >= least((CAST(1767826800000000 AS BIGINT) - 86400000000), (CAST(1767826800000000 AS BIGINT) - 604800000000))
GROUP BY k0, x4
)
)
)
GROUP BY k0
) s2 USING (k0);

-- result
SELECT k0 AS "airport",
  make_timestamp(CAST(row_ts AS BIGINT)) AS __event_time,
  make_timestamp(CAST(NULL AS BIGINT)) AS __created_time,
  v0 AS "flights",
  v1 AS "delay_by",
  v2 AS "flights_by",
  v3 AS "seats_by",
  nullif(list_filter([CASE WHEN i0 THEN 'flights' END, CASE WHEN i1 THEN 'delay_by' END, CASE WHEN i2 THEN 'flights_by' END, CASE WHEN i3 THEN 'seats_by' END], lambda item: item IS NOT NULL), []) AS __invalid
FROM m_values
ORDER BY k0;

-- strategy: row_deleted: keys whose last visible row does not delete them

-- query times and their effective times
CREATE TEMP TABLE g_instants AS
SELECT t, t AS e FROM range(1767830520000000, 1768089720000000, 86400000000) grid(t);

-- source rows that may count
CREATE TEMP VIEW g_rows AS
SELECT * FROM (
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, c3 AS x0, (c4 >= CAST(200 AS BIGINT)) AS x1, (TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) AS x2, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f2
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" <= CAST(make_timestamp(1768003321000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL
)
WHERE ts <= 1768003320000000;

-- rows numbered in row order, with the instant at which each is visible and whether it deletes its key
CREATE TEMP TABLE g_ranked AS
SELECT k0, ts AS v, coalesce(x2 AND NOT f2, false) AS deleted, row_number() OVER (PARTITION BY k0 ORDER BY ts ASC, created ASC NULLS FIRST, x0 ASC NULLS FIRST, x1 ASC NULLS FIRST, x2 ASC NULLS FIRST) AS rank FROM g_rows;

-- greatest row so far, by the instant it became visible
CREATE TEMP TABLE g_best AS
SELECT k0, v, max(rank) OVER (PARTITION BY k0 ORDER BY v RANGE UNBOUNDED PRECEDING) AS rank FROM g_ranked;

-- keys at the instants from their first visible row on
CREATE TEMP TABLE g_asked AS
SELECT k0, t, e FROM (SELECT k0, min(v) AS first FROM g_best GROUP BY k0) JOIN g_instants ON first <= e;

-- those whose last visible row does not delete them
CREATE TEMP VIEW g_keys AS
SELECT k0, t FROM (SELECT q.*, b.rank FROM g_asked q ASOF JOIN g_best b ON q.k0 = b.k0 AND b.v <= q.e) JOIN g_ranked USING (k0, rank) WHERE NOT deleted;

-- result
SELECT k0 AS "airport", make_timestamp(CAST(t AS BIGINT)) AS "t"
FROM g_keys
ORDER BY t, k0;

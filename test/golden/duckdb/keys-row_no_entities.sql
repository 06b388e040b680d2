-- strategy: row_no_entities: keys from their first visible row on

-- query times and their effective times
CREATE TEMP TABLE g_instants AS
SELECT t, t AS e FROM range(1767830520000000, 1768089720000000, 86400000000) grid(t);

-- source rows that may count
CREATE TEMP VIEW g_rows AS
SELECT * FROM (
SELECT CAST(true AS BOOLEAN) AS k0, ts, created AS created, c3 AS x0, (c4 >= CAST(200 AS BIGINT)) AS x1
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" <= CAST(make_timestamp(1768003321000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL
)
WHERE ts <= 1768003320000000;

-- the first instant at which each key has a visible row
CREATE TEMP TABLE g_first AS
SELECT k0, min(ts) AS first FROM g_rows GROUP BY k0;

-- keys at each instant
CREATE TEMP VIEW g_keys AS
SELECT k0, t FROM g_first JOIN g_instants ON first <= e;

-- result
SELECT make_timestamp(CAST(t AS BIGINT)) AS "t"
FROM g_keys
ORDER BY t, k0;

-- strategy: windows_every_aggregate: keys with a row in the widest window

-- query times and their effective times
CREATE TEMP TABLE g_instants AS
SELECT t, ((t - 300000000) - (((t - 300000000) % 3600000000) + 3600000000) % 3600000000) AS e FROM range(1767830520000000, 1768089720000000, 86400000000) grid(t);

-- source rows that may count
CREATE TEMP VIEW g_rows AS
SELECT * FROM (
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, c3 AS x0, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f0, c4 AS x1, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f1, {'delay': c3, 'seats': c4} AS x2, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f2, ((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL) AS fw
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" >= CAST(make_timestamp(1767221999000000::BIGINT) AS TIMESTAMP) AND "ts" <= CAST(make_timestamp(1767999601000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL AND (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT))) OR ((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL))
)
WHERE ts >= 1767222000000000 AND ts <= 1767999600000000;

-- the newest row of each key between two instants
CREATE TEMP TABLE g_newest AS
SELECT k0, max(ts) AS ts FROM g_rows GROUP BY k0, (ts) - (((ts) % 3600000000) + 3600000000) % 3600000000;

-- keys with a row in the widest window of each instant
CREATE TEMP TABLE g_keys AS
SELECT DISTINCT k0, t FROM g_newest JOIN g_instants ON ts < e AND ts >= least((e - 86400000000), (e - 604800000000));

-- result
SELECT k0 AS "airport", make_timestamp(CAST(t AS BIGINT)) AS "t"
FROM g_keys
ORDER BY t, k0;

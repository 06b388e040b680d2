-- strategy: windows_own_rows_continuous: keys with a row in some window

-- query times and their effective times
CREATE TEMP TABLE g_instants AS
SELECT t, t AS e FROM range(1767830520000000, 1768089720000000, 86400000000) grid(t);

-- source rows that may count
CREATE TEMP VIEW g_rows AS
SELECT * FROM (
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, CASE WHEN (c3 > 1.5e+1) THEN TRUE END AS x0, CASE WHEN (c3 > 1.5e+1) THEN c4 END AS x1, CASE WHEN (c3 > 1.5e+1) THEN c3 END AS x2, CASE WHEN ((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL) THEN CAST(NULL AS BIGINT) WHEN (TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) THEN c4 END AS x3, (CASE WHEN ((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL) THEN TRUE WHEN (TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) THEN FALSE END) AS f3
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" >= CAST(make_timestamp(1767139199000000::BIGINT) AS TIMESTAMP) AND "ts" <= CAST(make_timestamp(1768003321000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL
)
WHERE ts >= 1767139200000000 AND ts <= 1768003320000000;

-- keys with a row in some window of each instant
CREATE TEMP TABLE g_keys AS
SELECT DISTINCT k0, t FROM g_rows JOIN g_instants ON ts < greatest(e, ((e - 604800000000) - (((e - 604800000000) % 3600000000) + 3600000000) % 3600000000)) AND ts >= least(((e - 86400000000) - (((e - 86400000000) % 3600000000) + 3600000000) % 3600000000), ((e - 604800000000) - (((e - 604800000000) % 3600000000) + 3600000000) % 3600000000), ((e - 691200000000) - (((e - 691200000000) % 3600000000) + 3600000000) % 3600000000)) AND (ts >= ((e - 86400000000) - (((e - 86400000000) % 3600000000) + 3600000000) % 3600000000) AND ts < e OR ts >= ((e - 604800000000) - (((e - 604800000000) % 3600000000) + 3600000000) % 3600000000) AND ts < e OR ts >= ((e - 691200000000) - (((e - 691200000000) % 3600000000) + 3600000000) % 3600000000) AND ts < ((e - 604800000000) - (((e - 604800000000) % 3600000000) + 3600000000) % 3600000000));

-- result
SELECT k0 AS "airport", make_timestamp(CAST(t AS BIGINT)) AS "t"
FROM g_keys
ORDER BY t, k0;

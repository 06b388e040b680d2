-- strategy: windows_created: join and group; visibility by created time is a second dimension, so the cost grows with the rows in the widest window of each instant

-- distinct keys and effective times of the labels
CREATE TEMP TABLE p0_asked AS
SELECT DISTINCT * FROM (
SELECT l0 AS k0, ((t - 300000000) - (((t - 300000000) % 3600000000) + 3600000000) % 3600000000) AS e FROM labels WHERE l0 IS NOT NULL
);

-- distinct keys, with how many instants are asked of each
CREATE TEMP TABLE p0_keys AS
SELECT k0, row_number() OVER () AS kid, count(*) AS asked FROM p0_asked GROUP BY k0;

-- what is asked: key and instant, numbered
CREATE TEMP TABLE p0_queries AS
SELECT row_number() OVER () AS qid, kid, k0, e FROM p0_asked JOIN p0_keys USING (k0);

-- source rows of these keys in the time range
CREATE TEMP TABLE p0_rows AS
SELECT r.* EXCLUDE (k0), kid
FROM (
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, c3 AS x0
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" <= CAST(make_timestamp(1769814001000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL AND created IS NOT NULL
) r JOIN p0_keys USING (k0)
WHERE ts <= 1769814000000000;

-- aggregates
CREATE TEMP TABLE p0_outcome AS
SELECT qid, row_ts, a0_0 AS v0, a1_0 AS v1
FROM (
SELECT qid, max(ts) AS row_ts, count(*) FILTER (WHERE ts >= (e - 86400000000)) AS a0_0, max(x0) FILTER (WHERE x0 IS NOT NULL) AS a1_0
FROM p0_queries q JOIN p0_rows USING (kid)
WHERE ts < e AND created <= e + 300000000
GROUP BY qid
);

-- values by key and instant
CREATE TEMP TABLE p0_values AS
SELECT k0, e, o.* FROM p0_queries JOIN p0_outcome o USING (qid);

-- result
SELECT rid AS __plumb_row,
  c0 AS "airport",
  c1 AS "t",
  coalesce(p0r0.v0, CAST(0 AS BIGINT)) AS "flights",
  p0r0.v1 AS "worst"
FROM labels
LEFT JOIN p0_values p0r0 ON p0r0.k0 = l0 AND p0r0.e = ((t - 300000000) - (((t - 300000000) % 3600000000) + 3600000000) % 3600000000);

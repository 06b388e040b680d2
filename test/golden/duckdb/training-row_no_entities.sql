-- strategy: row_no_entities: ASOF join on event time

-- distinct keys and effective times of the labels
CREATE TEMP TABLE p0_asked AS
SELECT DISTINCT * FROM (
SELECT TRUE AS k0, t AS e FROM labels WHERE TRUE IS NOT NULL
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
SELECT CAST(true AS BOOLEAN) AS k0, ts, created AS created, c3 AS x0, (c4 >= CAST(200 AS BIGINT)) AS x1
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" <= CAST(make_timestamp(1769817601000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL
) r JOIN p0_keys USING (k0)
WHERE ts <= 1769817600000000;

-- newest event time at each instant
CREATE TEMP TABLE p0_hits AS
SELECT qid, q.kid, r.ts FROM p0_queries q ASOF JOIN p0_rows r ON r.kid = q.kid AND r.ts <= q.e;

-- the last row in row order at those times
CREATE TEMP TABLE p0_winners AS
SELECT * FROM p0_rows SEMI JOIN (SELECT DISTINCT kid, ts FROM p0_hits) USING (kid, ts)
QUALIFY row_number() OVER (PARTITION BY kid, ts ORDER BY created DESC NULLS LAST, x0 DESC NULLS LAST, x1 DESC NULLS LAST) = 1;

-- rows at each instant
CREATE TEMP VIEW p0_outcome AS
SELECT qid, ts AS row_ts, x0 AS v0, x1 AS v1 FROM p0_hits JOIN p0_winners USING (kid, ts);

-- values by key and instant
CREATE TEMP TABLE p0_values AS
SELECT k0, e, o.* FROM p0_queries JOIN p0_outcome o USING (qid);

-- result
SELECT rid AS __plumb_row,
  c0 AS "t",
  p0r0.v0 AS "delay",
  coalesce(p0r0.v1, CAST(false AS BOOLEAN)) AS "is_large"
FROM labels
LEFT JOIN p0_values p0r0 ON p0r0.e = t;

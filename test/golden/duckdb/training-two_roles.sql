-- strategy: row_ttl: ASOF join on event time
-- strategy: windows_scheduled: join and group for keys with at most 128 × (rows + instants) pairs, frames over sorted rows for heavier ones

-- distinct keys and effective times of the labels
CREATE TEMP TABLE p0_asked AS
SELECT DISTINCT * FROM (
SELECT l0 AS k0, t AS e FROM labels WHERE l0 IS NOT NULL
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
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, c3 AS x0, (c4 >= CAST(200 AS BIGINT)) AS x1
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" >= CAST(make_timestamp(1767095999000000::BIGINT) AS TIMESTAMP) AND "ts" <= CAST(make_timestamp(1769817601000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL
) r JOIN p0_keys USING (k0)
WHERE ts >= 1767096000000000 AND ts <= 1769817600000000;

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

-- distinct keys and effective times of the labels
CREATE TEMP TABLE p1_asked AS
SELECT DISTINCT * FROM (
SELECT l0 AS k0, ((t - 300000000) - (((t - 300000000) % 3600000000) + 3600000000) % 3600000000) AS e FROM labels WHERE l0 IS NOT NULL
UNION ALL
SELECT l1 AS k0, ((t - 300000000) - (((t - 300000000) % 3600000000) + 3600000000) % 3600000000) AS e FROM labels WHERE l1 IS NOT NULL
);

-- distinct keys, with how many instants are asked of each
CREATE TEMP TABLE p1_keys AS
SELECT k0, row_number() OVER () AS kid, count(*) AS asked FROM p1_asked GROUP BY k0;

-- what is asked: key and instant, numbered
CREATE TEMP TABLE p1_queries AS
SELECT row_number() OVER () AS qid, kid, k0, e FROM p1_asked JOIN p1_keys USING (k0);

-- source rows of these keys in the time range
CREATE TEMP TABLE p1_rows AS
SELECT r.* EXCLUDE (k0), kid
FROM (
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, c3 AS x0, c4 AS x1
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" >= CAST(make_timestamp(1766617199000000::BIGINT) AS TIMESTAMP) AND "ts" <= CAST(make_timestamp(1769814001000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL
) r JOIN p1_keys USING (k0)
WHERE ts >= 1766617200000000 AND ts <= 1769814000000000;

-- keys whose pairs would explode
CREATE TEMP TABLE p1_heavy AS
SELECT kid FROM (SELECT kid, count(*) AS n FROM p1_rows GROUP BY kid) JOIN p1_keys USING (kid)
WHERE CAST(n AS DOUBLE) * asked > 128 * CAST(n + asked AS DOUBLE);

-- aggregates of light keys, joined and grouped
CREATE TEMP TABLE p1_grouped AS
SELECT qid, row_ts, a0_0 AS v0, CASE WHEN isfinite(a1_0) THEN a1_0 + 0.0 END AS v1, CASE WHEN NOT (coalesce((a2_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a2_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a2_0 AS BIGINT) END END AS v2, (coalesce((a2_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i2, a3_0 AS v3, coalesce(a4_0, CAST([] AS DOUBLE[])) AS v4, a5_0 AS v5
FROM (
SELECT qid, max(ts) AS row_ts, count(*) FILTER (WHERE ts >= (e - 86400000000)) AS a0_0, avg(CAST(x0 AS DOUBLE)) FILTER (WHERE ts >= (e - 604800000000)) AS a1_0, sum(x1) FILTER (WHERE ts >= (e - 604800000000)) AS a2_0, arg_min(x0, row(ts, coalesce(created, -9223372036854775808), x0)) FILTER (WHERE ts >= (e - 86400000000) AND x0 IS NOT NULL) AS a3_0, arg_max(x0, row(ts, coalesce(created, -9223372036854775808), x0), 3) FILTER (WHERE ts >= (e - 86400000000) AND x0 IS NOT NULL) AS a4_0, count(DISTINCT x1) FILTER (WHERE ts >= (e - 604800000000)) AS a5_0
FROM p1_queries q ANTI JOIN p1_heavy USING (kid) JOIN p1_rows USING (kid)
WHERE ts < e AND ts >= least((e - 86400000000), (e - 604800000000))
GROUP BY qid
);

-- instants of heavy keys, with the edges of their windows
CREATE TEMP TABLE p1_heavy_queries AS
SELECT qid, kid, e, (e - 86400000000) AS s_w0, (e - 604800000000) AS s_w1 FROM p1_queries SEMI JOIN p1_heavy USING (kid);

-- every window edge, once
CREATE TEMP TABLE p1_marks AS
SELECT kid, e AS ts FROM p1_heavy_queries
UNION
SELECT kid, s_w0 AS ts FROM p1_heavy_queries
UNION
SELECT kid, s_w1 AS ts FROM p1_heavy_queries;

-- edges among rows, each with the running totals before it
CREATE TEMP TABLE p1_ranked AS
SELECT *, CAST(coalesce(sum(CASE WHEN is_row = 1 THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS r, CAST(coalesce(sum(CASE WHEN x0 IS NOT NULL THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS c_x0, min(x0) FILTER (WHERE x0 IS NOT NULL) OVER tied AS x0_first
FROM (
SELECT *, 1 AS is_row FROM p1_rows SEMI JOIN p1_heavy USING (kid)
UNION ALL BY NAME
SELECT kid, ts, 0 AS is_row FROM p1_marks
)
WINDOW running AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST ROWS UNBOUNDED PRECEDING), tied AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST RANGE BETWEEN CURRENT ROW AND CURRENT ROW);

-- totals at the window edges of each instant
CREATE TEMP TABLE p1_frames AS
SELECT qid, q.kid, e.r AS r_e, e.c_x0 AS c_x0_e, w0.r AS r_w0, w0.c_x0 AS c_x0_w0, w1.r AS r_w1, w1.c_x0 AS c_x0_w1
FROM p1_heavy_queries q
JOIN p1_ranked e ON e.kid = q.kid AND e.ts = q.e AND e.is_row = 0
JOIN p1_ranked w0 ON w0.kid = q.kid AND w0.ts = q.s_w0 AND w0.is_row = 0
JOIN p1_ranked w1 ON w1.kid = q.kid AND w1.ts = q.s_w1 AND w1.is_row = 0;

-- rows by position, then an entry for each instant and window with its frame
CREATE TEMP TABLE p1_tape AS
SELECT kid, r AS pos, 0 AS o_s, 1 AS o_e, x0, x1 FROM p1_ranked WHERE is_row = 1
UNION ALL BY NAME
SELECT qid, w, kid, pos, pos - r_from - 1 AS o_s, pos - r_to AS o_e FROM (SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (
SELECT qid, 'w1' AS w, kid, r_w1 AS r_from, r_e AS r_to FROM p1_frames WHERE r_w1 < r_e
) JOIN (SELECT kid, max(r) AS n FROM p1_ranked GROUP BY kid) USING (kid));

-- aggregates over the frames of 1 windows
CREATE TEMP TABLE p1_tape_values AS
SELECT * FROM (
SELECT qid, w, sum(CAST(x0 AS DOUBLE)) OVER frame AS b0, count(x0) OVER frame AS b1, sum(x1) OVER frame AS b2, count(DISTINCT x1) OVER frame AS b3
FROM p1_tape
WINDOW frame AS (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING)
) WHERE qid IS NOT NULL;

-- non-null values, numbered in row order
CREATE TEMP TABLE p1_items_x0 AS
SELECT kid, x0 AS x, row_number() OVER (PARTITION BY kid ORDER BY ts, created ASC NULLS FIRST, x0) AS c FROM p1_ranked WHERE is_row = 1 AND x0 IS NOT NULL;

-- the last 3 values of each instant
CREATE TEMP TABLE p1_list_4 AS
SELECT qid, list_transform(list_sort(list({'rank': -c, 'item': x})), lambda one: one.item) AS a FROM (
SELECT qid, kid, unnest(range(greatest(c_x0_w0, c_x0_e - 3) + 1, c_x0_e + 1)) AS c FROM p1_frames
) JOIN p1_items_x0 USING (kid, c) GROUP BY qid;

-- aggregates of heavy keys
CREATE TEMP TABLE p1_framed AS
SELECT qid, a0_0 AS v0, CASE WHEN isfinite(a1_0) THEN a1_0 + 0.0 END AS v1, CASE WHEN NOT (coalesce((a2_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a2_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a2_0 AS BIGINT) END END AS v2, (coalesce((a2_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i2, a3_0 AS v3, coalesce(a4_0, CAST([] AS DOUBLE[])) AS v4, a5_0 AS v5
FROM (
SELECT f.qid, f.r_e - f.r_w0 AS a0_0, CAST(w1.b0 AS DOUBLE) / nullif(w1.b1, 0) AS a1_0, w1.b2 AS a2_0, first_3.x0_first AS a3_0, list_4.a AS a4_0, coalesce(w1.b3, 0) AS a5_0
FROM p1_frames f
LEFT JOIN p1_tape_values w1 ON w1.qid = f.qid AND w1.w = 'w1'
LEFT JOIN p1_ranked first_3 ON first_3.kid = f.kid AND first_3.c_x0 = f.c_x0_w0 + 1 AND first_3.is_row = 1 AND first_3.x0 IS NOT NULL AND f.c_x0_e > f.c_x0_w0
LEFT JOIN p1_list_4 list_4 ON list_4.qid = f.qid
);

-- aggregates of all keys
CREATE TEMP VIEW p1_outcome AS
SELECT * FROM p1_grouped
UNION ALL BY NAME
SELECT * FROM p1_framed;

-- values by key and instant
CREATE TEMP TABLE p1_values AS
SELECT k0, e, o.* FROM p1_queries JOIN p1_outcome o USING (qid);

-- result
SELECT rid AS __plumb_row,
  c0 AS "origin",
  c1 AS "destination",
  c2 AS "departs",
  CASE WHEN t - p0r0.row_ts <= 129600000000 THEN p0r0.v0 END AS "origin_delay",
  coalesce(CASE WHEN t - p0r0.row_ts <= 129600000000 THEN p0r0.v1 END, CAST(false AS BOOLEAN)) AS "origin_is_large",
  coalesce(p1r0.v0, CAST(0 AS BIGINT)) AS "origin_flights",
  coalesce(p1r1.v0, CAST(0 AS BIGINT)) AS "destination_flights",
  p1r1.v1 AS "destination_mean_delay",
  CASE WHEN p1r1.i2 THEN error('PLUMB:INVALID_VALUE:destination_seats: an int64 overflow, a failed CAST, or a map of more than 1,000 keys, in rows that a label row needs') ELSE coalesce(p1r1.v2, CAST(0 AS BIGINT)) END AS "destination_seats",
  p1r1.v3 AS "destination_first_delay",
  coalesce(p1r1.v4, CAST([] AS DOUBLE[])) AS "destination_last_delays",
  coalesce(p1r1.v5, CAST(0 AS BIGINT)) AS "destination_sizes"
FROM labels
LEFT JOIN p0_values p0r0 ON p0r0.k0 = l0 AND p0r0.e = t
LEFT JOIN p1_values p1r0 ON p1r0.k0 = l0 AND p1r0.e = ((t - 300000000) - (((t - 300000000) % 3600000000) + 3600000000) % 3600000000)
LEFT JOIN p1_values p1r1 ON p1r1.k0 = l1 AND p1r1.e = ((t - 300000000) - (((t - 300000000) % 3600000000) + 3600000000) % 3600000000);

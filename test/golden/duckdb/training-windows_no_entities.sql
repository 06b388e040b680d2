-- strategy: windows_no_entities: join and group for keys with at most 128 × (rows + instants) pairs, frames over sorted rows for heavier ones

-- distinct keys and effective times of the labels
CREATE TEMP TABLE p0_asked AS
SELECT DISTINCT * FROM (
SELECT TRUE AS k0, ((t - 300000000) - (((t - 300000000) % 3600000000) + 3600000000) % 3600000000) AS e FROM labels WHERE TRUE IS NOT NULL
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
SELECT CAST(true AS BOOLEAN) AS k0, ts, created AS created, CASE WHEN (c3 > 1.5e+1) THEN TRUE END AS x0, CASE WHEN (c3 > 1.5e+1) THEN c4 END AS x1, CASE WHEN (c3 > 1.5e+1) THEN c3 END AS x2, CASE WHEN ((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL) THEN CAST(NULL AS BIGINT) WHEN (TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) THEN c4 END AS x3, (CASE WHEN ((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL) THEN TRUE WHEN (TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) THEN FALSE END) AS f3
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" >= CAST(make_timestamp(1766530799000000::BIGINT) AS TIMESTAMP) AND "ts" <= CAST(make_timestamp(1769814001000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL
) r JOIN p0_keys USING (k0)
WHERE ts >= 1766530800000000 AND ts <= 1769814000000000;

-- keys whose pairs would explode
CREATE TEMP TABLE p0_heavy AS
SELECT kid FROM (SELECT kid, count(*) AS n FROM p0_rows GROUP BY kid) JOIN p0_keys USING (kid)
WHERE CAST(n AS DOUBLE) * asked > 128 * CAST(n + asked AS DOUBLE);

-- aggregates of light keys, joined and grouped
CREATE TEMP TABLE p0_grouped AS
SELECT qid, row_ts, a0_0 AS v0, a1_0 AS v1, CASE WHEN NOT (coalesce((a2_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a2_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a2_0 AS BIGINT) END END AS v2, (coalesce((a2_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i2, a3_0 AS v3, CASE WHEN a4_1 > 0 THEN a4_0 END AS v4, CASE WHEN NOT (coalesce(g5, false)) THEN CASE WHEN a5_1 > 0 THEN a5_0 END END AS v5, (coalesce(g5, false)) AS i5
FROM (
SELECT qid, max(ts) AS row_ts, count(*) FILTER (WHERE ts >= (e - 86400000000) AND ts < e) AS a0_0, count(x0) FILTER (WHERE ts >= (e - 86400000000) AND ts < e) AS a1_0, sum(x1) FILTER (WHERE ts >= (e - 604800000000) AND ts < e) AS a2_0, count(*) FILTER (WHERE ts >= (e - 691200000000) AND ts < (e - 604800000000)) AS a3_0, arg_max(x2, row(ts, coalesce(created, -9223372036854775808), x2)) FILTER (WHERE ts >= (e - 691200000000) AND ts < (e - 604800000000) AND x2 IS NOT NULL) AS a4_0, count(x2) FILTER (WHERE ts >= (e - 691200000000) AND ts < (e - 604800000000)) AS a4_1, arg_max(x3, row(ts, coalesce(created, -9223372036854775808), x3)) FILTER (WHERE ts >= (e - 604800000000) AND ts < e AND x3 IS NOT NULL) AS a5_0, count(x3) FILTER (WHERE ts >= (e - 604800000000) AND ts < e) AS a5_1, bool_or(f3) FILTER (WHERE ts >= (e - 604800000000) AND ts < e) AS g5
FROM p0_queries q ANTI JOIN p0_heavy USING (kid) JOIN p0_rows USING (kid)
WHERE ts < greatest(e, (e - 604800000000)) AND ts >= least((e - 86400000000), (e - 604800000000), (e - 691200000000))
GROUP BY qid
);

-- instants of heavy keys, with the edges of their windows
CREATE TEMP TABLE p0_heavy_queries AS
SELECT qid, kid, e, (e - 86400000000) AS s_w0, (e - 604800000000) AS s_w1, (e - 691200000000) AS s_w2, (e - 604800000000) AS s_w2_end FROM p0_queries SEMI JOIN p0_heavy USING (kid);

-- every window edge, once
CREATE TEMP TABLE p0_marks AS
SELECT kid, e AS ts FROM p0_heavy_queries
UNION
SELECT kid, s_w0 AS ts FROM p0_heavy_queries
UNION
SELECT kid, s_w1 AS ts FROM p0_heavy_queries
UNION
SELECT kid, s_w2 AS ts FROM p0_heavy_queries
UNION
SELECT kid, s_w2_end AS ts FROM p0_heavy_queries;

-- edges among rows, each with the running totals before it
CREATE TEMP TABLE p0_ranked AS
SELECT *, CAST(coalesce(sum(CASE WHEN is_row = 1 THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS r, CAST(coalesce(sum(CASE WHEN x2 IS NOT NULL THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS c_x2, CAST(coalesce(sum(CASE WHEN x3 IS NOT NULL THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS c_x3, max(x2) FILTER (WHERE x2 IS NOT NULL) OVER tied AS x2_last, max(x3) FILTER (WHERE x3 IS NOT NULL) OVER tied AS x3_last
FROM (
SELECT *, 1 AS is_row FROM p0_rows SEMI JOIN p0_heavy USING (kid)
UNION ALL BY NAME
SELECT kid, ts, 0 AS is_row FROM p0_marks
)
WINDOW running AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST ROWS UNBOUNDED PRECEDING), tied AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST RANGE BETWEEN CURRENT ROW AND CURRENT ROW);

-- totals at the window edges of each instant
CREATE TEMP TABLE p0_frames AS
SELECT qid, q.kid, e.r AS r_e, e.c_x2 AS c_x2_e, e.c_x3 AS c_x3_e, w0.r AS r_w0, w0.c_x2 AS c_x2_w0, w0.c_x3 AS c_x3_w0, w1.r AS r_w1, w1.c_x2 AS c_x2_w1, w1.c_x3 AS c_x3_w1, w2.r AS r_w2, w2.c_x2 AS c_x2_w2, w2.c_x3 AS c_x3_w2, w2_end.r AS r_w2_end, w2_end.c_x2 AS c_x2_w2_end, w2_end.c_x3 AS c_x3_w2_end
FROM p0_heavy_queries q
JOIN p0_ranked e ON e.kid = q.kid AND e.ts = q.e AND e.is_row = 0
JOIN p0_ranked w0 ON w0.kid = q.kid AND w0.ts = q.s_w0 AND w0.is_row = 0
JOIN p0_ranked w1 ON w1.kid = q.kid AND w1.ts = q.s_w1 AND w1.is_row = 0
JOIN p0_ranked w2 ON w2.kid = q.kid AND w2.ts = q.s_w2 AND w2.is_row = 0
JOIN p0_ranked w2_end ON w2_end.kid = q.kid AND w2_end.ts = q.s_w2_end AND w2_end.is_row = 0;

-- rows by position, then an entry for each instant and window with its frame
CREATE TEMP TABLE p0_tape AS
SELECT kid, r AS pos, 0 AS o_s, 1 AS o_e, x0, x1, f3 FROM p0_ranked WHERE is_row = 1
UNION ALL BY NAME
SELECT qid, w, kid, pos, pos - r_from - 1 AS o_s, pos - r_to AS o_e FROM (SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (
SELECT qid, 'w0' AS w, kid, r_w0 AS r_from, r_e AS r_to FROM p0_frames WHERE r_w0 < r_e
UNION ALL
SELECT qid, 'w1' AS w, kid, r_w1 AS r_from, r_e AS r_to FROM p0_frames WHERE r_w1 < r_e
) JOIN (SELECT kid, max(r) AS n FROM p0_ranked GROUP BY kid) USING (kid));

-- aggregates over the frames of 2 windows
CREATE TEMP TABLE p0_tape_values AS
SELECT * FROM (
SELECT qid, w, count(x0) OVER frame AS b0, sum(x1) OVER frame AS b1, count(CASE WHEN f3 THEN 1 END) OVER frame AS b2
FROM p0_tape
WINDOW frame AS (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING)
) WHERE qid IS NOT NULL;

-- aggregates of heavy keys
CREATE TEMP TABLE p0_framed AS
SELECT qid, a0_0 AS v0, a1_0 AS v1, CASE WHEN NOT (coalesce((a2_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a2_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a2_0 AS BIGINT) END END AS v2, (coalesce((a2_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i2, a3_0 AS v3, CASE WHEN a4_1 > 0 THEN a4_0 END AS v4, CASE WHEN NOT (coalesce(g5, false)) THEN CASE WHEN a5_1 > 0 THEN a5_0 END END AS v5, (coalesce(g5, false)) AS i5
FROM (
SELECT f.qid, f.r_e - f.r_w0 AS a0_0, coalesce(w0.b0, 0) AS a1_0, w1.b1 AS a2_0, f.r_w2_end - f.r_w2 AS a3_0, last_x2_w2_end.x2_last AS a4_0, f.c_x2_w2_end - f.c_x2_w2 AS a4_1, last_x3_e.x3_last AS a5_0, f.c_x3_e - f.c_x3_w1 AS a5_1, w1.b2 > 0 AS g5
FROM p0_frames f
LEFT JOIN p0_tape_values w0 ON w0.qid = f.qid AND w0.w = 'w0'
LEFT JOIN p0_tape_values w1 ON w1.qid = f.qid AND w1.w = 'w1'
LEFT JOIN p0_ranked last_x2_w2_end ON last_x2_w2_end.kid = f.kid AND last_x2_w2_end.c_x2 = f.c_x2_w2_end AND last_x2_w2_end.is_row = 1 AND last_x2_w2_end.x2 IS NOT NULL
LEFT JOIN p0_ranked last_x3_e ON last_x3_e.kid = f.kid AND last_x3_e.c_x3 = f.c_x3_e AND last_x3_e.is_row = 1 AND last_x3_e.x3 IS NOT NULL
);

-- aggregates of all keys
CREATE TEMP VIEW p0_outcome AS
SELECT * FROM p0_grouped
UNION ALL BY NAME
SELECT * FROM p0_framed;

-- values by key and instant
CREATE TEMP TABLE p0_values AS
SELECT k0, e, o.* FROM p0_queries JOIN p0_outcome o USING (qid);

-- result
SELECT rid AS __plumb_row,
  c0 AS "t",
  coalesce(p0r0.v0, CAST(0 AS BIGINT)) AS "flights",
  coalesce(p0r0.v1, CAST(0 AS BIGINT)) AS "late",
  CASE WHEN p0r0.i2 THEN error('PLUMB:INVALID_VALUE:late_seats: an int64 overflow, a failed CAST, or a map of more than 1,000 keys, in rows that a label row needs') ELSE p0r0.v2 END AS "late_seats",
  coalesce(p0r0.v3, CAST(0 AS BIGINT)) AS "day_before",
  p0r0.v4 AS "last_day_before",
  CASE WHEN p0r0.i5 THEN error('PLUMB:INVALID_VALUE:last_late: an int64 overflow, a failed CAST, or a map of more than 1,000 keys, in rows that a label row needs') ELSE p0r0.v5 END AS "last_late"
FROM labels
LEFT JOIN p0_values p0r0 ON p0r0.e = ((t - 300000000) - (((t - 300000000) % 3600000000) + 3600000000) % 3600000000);

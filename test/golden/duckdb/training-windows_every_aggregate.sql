-- strategy: windows_every_aggregate: join and group for keys with at most 128 × (rows + instants) pairs, frames over sorted rows for heavier ones

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
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, c3 AS x0, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f0, c4 AS x1, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f1, ((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL) AS fw
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" >= CAST(make_timestamp(1766617199000000::BIGINT) AS TIMESTAMP) AND "ts" <= CAST(make_timestamp(1769814001000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL AND (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT))) OR ((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL))
) r JOIN p0_keys USING (k0)
WHERE ts >= 1766617200000000 AND ts <= 1769814000000000;

-- keys whose pairs would explode
CREATE TEMP TABLE p0_heavy AS
SELECT kid FROM (SELECT kid, count(*) AS n FROM p0_rows GROUP BY kid) JOIN p0_keys USING (kid)
WHERE CAST(n AS DOUBLE) * asked > 128 * CAST(n + asked AS DOUBLE);

-- aggregates of light keys, joined and grouped
CREATE TEMP TABLE p0_grouped AS
SELECT qid, row_ts, CASE WHEN NOT (coalesce(g0, false)) THEN a0_0 END AS v0, (coalesce(g0, false)) AS i0, CASE WHEN NOT (coalesce(g1, false)) THEN a1_0 END AS v1, (coalesce(g1, false)) AS i1, CASE WHEN NOT (coalesce(g2, false)) THEN CASE WHEN isfinite(a2_0) THEN a2_0 + 0.0 END END AS v2, (coalesce(g2, false)) AS i2, CASE WHEN NOT (coalesce(g3, false) OR coalesce((a3_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a3_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a3_0 AS BIGINT) END END AS v3, (coalesce(g3, false) OR coalesce((a3_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i3, CASE WHEN NOT (coalesce(g4, false)) THEN CASE WHEN isfinite(a4_0) THEN a4_0 + 0.0 END END AS v4, (coalesce(g4, false)) AS i4, CASE WHEN NOT (coalesce(g5, false)) THEN CASE WHEN isfinite(a5_0) THEN a5_0 + 0.0 END END AS v5, (coalesce(g5, false)) AS i5, CASE WHEN NOT (coalesce(g6, false)) THEN CASE WHEN a6_1 <= 1e150 THEN CASE WHEN isfinite(a6_0) THEN a6_0 + 0.0 END END END AS v6, (coalesce(g6, false)) AS i6, CASE WHEN NOT (coalesce(g7, false)) THEN CASE WHEN a7_1 <= 1e150 THEN CASE WHEN isfinite(a7_0) THEN a7_0 + 0.0 END END END AS v7, (coalesce(g7, false)) AS i7, CASE WHEN NOT (coalesce(g8, false)) THEN CASE WHEN a8_1 <= 1e150 THEN CASE WHEN isfinite(a8_0) THEN a8_0 + 0.0 END END END AS v8, (coalesce(g8, false)) AS i8, CASE WHEN NOT (coalesce(g9, false)) THEN CASE WHEN a9_1 <= 1e150 THEN CASE WHEN isfinite(a9_0) THEN a9_0 + 0.0 END END END AS v9, (coalesce(g9, false)) AS i9, CASE WHEN NOT (coalesce(g10, false)) THEN CASE WHEN a10_1 <= 1e150 THEN CASE WHEN isfinite(a10_0) THEN a10_0 + 0.0 END END END AS v10, (coalesce(g10, false)) AS i10, CASE WHEN NOT (coalesce(g11, false)) THEN CASE WHEN a11_1 <= 1e150 THEN CASE WHEN isfinite(a11_0) THEN a11_0 + 0.0 END END END AS v11, (coalesce(g11, false)) AS i11, CASE WHEN NOT (coalesce(g12, false)) THEN CASE WHEN a12_1 <= 1e150 THEN CASE WHEN isfinite(a12_0) THEN a12_0 + 0.0 END END END AS v12, (coalesce(g12, false)) AS i12, CASE WHEN NOT (coalesce(g13, false)) THEN CASE WHEN a13_1 <= 1e150 THEN CASE WHEN isfinite(a13_0) THEN a13_0 + 0.0 END END END AS v13, (coalesce(g13, false)) AS i13, CASE WHEN NOT (coalesce(g14, false)) THEN a14_0 END AS v14, (coalesce(g14, false)) AS i14, CASE WHEN NOT (coalesce(g15, false)) THEN a15_0 END AS v15, (coalesce(g15, false)) AS i15, CASE WHEN NOT (coalesce(g16, false)) THEN a16_0 END AS v16, (coalesce(g16, false)) AS i16, CASE WHEN NOT (coalesce(g17, false)) THEN a17_0 END AS v17, (coalesce(g17, false)) AS i17, CASE WHEN NOT (coalesce(g18, false)) THEN a18_0 END AS v18, (coalesce(g18, false)) AS i18, CASE WHEN NOT (coalesce(g19, false)) THEN a19_0 END AS v19, (coalesce(g19, false)) AS i19, CASE WHEN NOT (coalesce(g20, false)) THEN CASE WHEN a20_1 > 0 THEN a20_0 END END AS v20, (coalesce(g20, false)) AS i20, CASE WHEN NOT (coalesce(g21, false)) THEN CASE WHEN a21_1 > 0 THEN a21_0 END END AS v21, (coalesce(g21, false)) AS i21, CASE WHEN NOT (coalesce(g22, false)) THEN coalesce(a22_0, CAST([] AS DOUBLE[])) END AS v22, (coalesce(g22, false)) AS i22, CASE WHEN NOT (coalesce(g23, false)) THEN coalesce(a23_0, CAST([] AS BIGINT[])) END AS v23, (coalesce(g23, false)) AS i23, CASE WHEN NOT (coalesce(g24, false)) THEN a24_0 END AS v24, (coalesce(g24, false)) AS i24, CASE WHEN NOT (coalesce(g25, false)) THEN a25_0 END AS v25, (coalesce(g25, false)) AS i25
FROM (
SELECT qid, max(ts) AS row_ts, count(x0) FILTER (WHERE ts >= (e - 86400000000)) AS a0_0, bool_or(f0) FILTER (WHERE ts >= (e - 86400000000)) AS g0, count(x1) FILTER (WHERE ts >= (e - 604800000000)) AS a1_0, bool_or(f1) FILTER (WHERE ts >= (e - 604800000000)) AS g1, sum(CAST(x0 AS DOUBLE)) FILTER (WHERE ts >= (e - 86400000000)) AS a2_0, bool_or(f0) FILTER (WHERE ts >= (e - 86400000000)) AS g2, sum(x1) FILTER (WHERE ts >= (e - 604800000000)) AS a3_0, bool_or(f1) FILTER (WHERE ts >= (e - 604800000000)) AS g3, avg(CAST(x0 AS DOUBLE)) FILTER (WHERE ts >= (e - 86400000000)) AS a4_0, bool_or(f0) FILTER (WHERE ts >= (e - 86400000000)) AS g4, avg(x1) FILTER (WHERE ts >= (e - 604800000000)) AS a5_0, bool_or(f1) FILTER (WHERE ts >= (e - 604800000000)) AS g5, stddev_pop(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) FILTER (WHERE ts >= (e - 86400000000)) AS a6_0, max(abs(CAST(x0 AS DOUBLE))) FILTER (WHERE ts >= (e - 86400000000)) AS a6_1, bool_or(f0) FILTER (WHERE ts >= (e - 86400000000)) AS g6, stddev_pop(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) FILTER (WHERE ts >= (e - 604800000000)) AS a7_0, max(abs(CAST(x1 AS DOUBLE))) FILTER (WHERE ts >= (e - 604800000000)) AS a7_1, bool_or(f1) FILTER (WHERE ts >= (e - 604800000000)) AS g7, stddev_samp(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) FILTER (WHERE ts >= (e - 86400000000)) AS a8_0, max(abs(CAST(x0 AS DOUBLE))) FILTER (WHERE ts >= (e - 86400000000)) AS a8_1, bool_or(f0) FILTER (WHERE ts >= (e - 86400000000)) AS g8, stddev_samp(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) FILTER (WHERE ts >= (e - 604800000000)) AS a9_0, max(abs(CAST(x1 AS DOUBLE))) FILTER (WHERE ts >= (e - 604800000000)) AS a9_1, bool_or(f1) FILTER (WHERE ts >= (e - 604800000000)) AS g9, var_pop(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) FILTER (WHERE ts >= (e - 86400000000)) AS a10_0, max(abs(CAST(x0 AS DOUBLE))) FILTER (WHERE ts >= (e - 86400000000)) AS a10_1, bool_or(f0) FILTER (WHERE ts >= (e - 86400000000)) AS g10, var_pop(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) FILTER (WHERE ts >= (e - 604800000000)) AS a11_0, max(abs(CAST(x1 AS DOUBLE))) FILTER (WHERE ts >= (e - 604800000000)) AS a11_1, bool_or(f1) FILTER (WHERE ts >= (e - 604800000000)) AS g11, var_samp(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) FILTER (WHERE ts >= (e - 86400000000)) AS a12_0, max(abs(CAST(x0 AS DOUBLE))) FILTER (WHERE ts >= (e - 86400000000)) AS a12_1, bool_or(f0) FILTER (WHERE ts >= (e - 86400000000)) AS g12, var_samp(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) FILTER (WHERE ts >= (e - 604800000000)) AS a13_0, max(abs(CAST(x1 AS DOUBLE))) FILTER (WHERE ts >= (e - 604800000000)) AS a13_1, bool_or(f1) FILTER (WHERE ts >= (e - 604800000000)) AS g13, min(x0) FILTER (WHERE ts >= (e - 86400000000) AND x0 IS NOT NULL) AS a14_0, bool_or(f0) FILTER (WHERE ts >= (e - 86400000000)) AS g14, min(x1) FILTER (WHERE ts >= (e - 604800000000) AND x1 IS NOT NULL) AS a15_0, bool_or(f1) FILTER (WHERE ts >= (e - 604800000000)) AS g15, max(x0) FILTER (WHERE ts >= (e - 86400000000) AND x0 IS NOT NULL) AS a16_0, bool_or(f0) FILTER (WHERE ts >= (e - 86400000000)) AS g16, max(x1) FILTER (WHERE ts >= (e - 604800000000) AND x1 IS NOT NULL) AS a17_0, bool_or(f1) FILTER (WHERE ts >= (e - 604800000000)) AS g17, arg_min(x0, row(ts, coalesce(created, -9223372036854775808), x0)) FILTER (WHERE ts >= (e - 86400000000) AND x0 IS NOT NULL) AS a18_0, bool_or(f0) FILTER (WHERE ts >= (e - 86400000000)) AS g18, arg_min(x1, row(ts, coalesce(created, -9223372036854775808), x1)) FILTER (WHERE ts >= (e - 604800000000) AND x1 IS NOT NULL) AS a19_0, bool_or(f1) FILTER (WHERE ts >= (e - 604800000000)) AS g19, arg_max(x0, row(ts, coalesce(created, -9223372036854775808), x0)) FILTER (WHERE x0 IS NOT NULL) AS a20_0, count(x0) FILTER (WHERE ts >= (e - 86400000000)) AS a20_1, bool_or(f0) FILTER (WHERE ts >= (e - 86400000000)) AS g20, arg_max(x1, row(ts, coalesce(created, -9223372036854775808), x1)) FILTER (WHERE x1 IS NOT NULL) AS a21_0, count(x1) FILTER (WHERE ts >= (e - 604800000000)) AS a21_1, bool_or(f1) FILTER (WHERE ts >= (e - 604800000000)) AS g21, arg_max(x0, row(ts, coalesce(created, -9223372036854775808), x0), 3) FILTER (WHERE ts >= (e - 86400000000) AND x0 IS NOT NULL) AS a22_0, bool_or(f0) FILTER (WHERE ts >= (e - 86400000000)) AS g22, arg_max(x1, row(ts, coalesce(created, -9223372036854775808), x1), 3) FILTER (WHERE ts >= (e - 604800000000) AND x1 IS NOT NULL) AS a23_0, bool_or(f1) FILTER (WHERE ts >= (e - 604800000000)) AS g23, count(DISTINCT x0) FILTER (WHERE ts >= (e - 86400000000)) AS a24_0, bool_or(f0) FILTER (WHERE ts >= (e - 86400000000)) AS g24, count(DISTINCT x1) FILTER (WHERE ts >= (e - 604800000000)) AS a25_0, bool_or(f1) FILTER (WHERE ts >= (e - 604800000000)) AS g25
FROM p0_queries q ANTI JOIN p0_heavy USING (kid) JOIN p0_rows USING (kid)
WHERE ts < e AND ts >= least((e - 86400000000), (e - 604800000000))
GROUP BY qid
);

-- instants of heavy keys, with their window starts
CREATE TEMP TABLE p0_heavy_queries AS
SELECT qid, kid, e, (e - 86400000000) AS s_w0, (e - 604800000000) AS s_w1 FROM p0_queries SEMI JOIN p0_heavy USING (kid);

-- every window edge, once
CREATE TEMP TABLE p0_marks AS
SELECT kid, e AS ts FROM p0_heavy_queries
UNION
SELECT kid, s_w0 AS ts FROM p0_heavy_queries
UNION
SELECT kid, s_w1 AS ts FROM p0_heavy_queries;

-- edges among rows, each with the running totals before it
CREATE TEMP TABLE p0_ranked AS
SELECT *, CAST(coalesce(sum(CASE WHEN is_row = 1 THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS r, CAST(coalesce(sum(CASE WHEN x0 IS NOT NULL THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS c_x0, CAST(coalesce(sum(CASE WHEN x1 IS NOT NULL THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS c_x1, min(x0) FILTER (WHERE x0 IS NOT NULL) OVER tied AS x0_first, min(x1) FILTER (WHERE x1 IS NOT NULL) OVER tied AS x1_first, max(x0) FILTER (WHERE x0 IS NOT NULL) OVER tied AS x0_last, max(x1) FILTER (WHERE x1 IS NOT NULL) OVER tied AS x1_last
FROM (
SELECT *, 1 AS is_row FROM p0_rows SEMI JOIN p0_heavy USING (kid)
UNION ALL BY NAME
SELECT kid, ts, 0 AS is_row FROM p0_marks
)
WINDOW running AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST ROWS UNBOUNDED PRECEDING), tied AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST RANGE BETWEEN CURRENT ROW AND CURRENT ROW);

-- totals at the window edges of each instant
CREATE TEMP TABLE p0_frames AS
SELECT qid, q.kid, e.r AS r_e, e.c_x0 AS c_x0_e, e.c_x1 AS c_x1_e, w0.r AS r_w0, w0.c_x0 AS c_x0_w0, w0.c_x1 AS c_x1_w0, w1.r AS r_w1, w1.c_x0 AS c_x0_w1, w1.c_x1 AS c_x1_w1
FROM p0_heavy_queries q
JOIN p0_ranked e ON e.kid = q.kid AND e.ts = q.e AND e.is_row = 0
JOIN p0_ranked w0 ON w0.kid = q.kid AND w0.ts = q.s_w0 AND w0.is_row = 0
JOIN p0_ranked w1 ON w1.kid = q.kid AND w1.ts = q.s_w1 AND w1.is_row = 0;

-- rows by position, then an entry for each instant and window with its frame
CREATE TEMP TABLE p0_tape AS
SELECT kid, r AS pos, 0 AS o_s, 1 AS o_e, x0, x1, f0, f1 FROM p0_ranked WHERE is_row = 1
UNION ALL BY NAME
SELECT qid, w, kid, pos, pos - r_s - 1 AS o_s, pos - r_e AS o_e FROM (SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (
SELECT qid, 'w0' AS w, kid, r_w0 AS r_s, r_e FROM p0_frames WHERE r_w0 < r_e
UNION ALL
SELECT qid, 'w1' AS w, kid, r_w1 AS r_s, r_e FROM p0_frames WHERE r_w1 < r_e
) JOIN (SELECT kid, max(r) AS n FROM p0_ranked GROUP BY kid) USING (kid));

-- aggregates over the frames of 2 windows
CREATE TEMP TABLE p0_tape_values AS
SELECT * FROM (
SELECT qid, w, count(x0) OVER frame AS b0, count(x1) OVER frame AS b1, sum(CAST(x0 AS DOUBLE)) OVER frame AS b2, sum(x1) OVER frame AS b3, stddev_pop(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) OVER frame AS b4, max(abs(CAST(x0 AS DOUBLE))) OVER frame AS b5, stddev_pop(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) OVER frame AS b6, max(abs(CAST(x1 AS DOUBLE))) OVER frame AS b7, stddev_samp(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) OVER frame AS b8, stddev_samp(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) OVER frame AS b9, var_pop(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) OVER frame AS b10, var_pop(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) OVER frame AS b11, var_samp(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) OVER frame AS b12, var_samp(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) OVER frame AS b13, arg_min(x0, x0) OVER frame AS b14, arg_min(x1, x1) OVER frame AS b15, arg_max(x0, x0) OVER frame AS b16, arg_max(x1, x1) OVER frame AS b17, count(DISTINCT x0) OVER frame AS b18, count(DISTINCT x1) OVER frame AS b19, count(CASE WHEN f0 THEN 1 END) OVER frame AS b20, count(CASE WHEN f1 THEN 1 END) OVER frame AS b21
FROM p0_tape
WINDOW frame AS (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING)
) WHERE qid IS NOT NULL;

-- non-null values, numbered in row order
CREATE TEMP TABLE p0_items_x0 AS
SELECT kid, x0 AS x, row_number() OVER (PARTITION BY kid ORDER BY ts, created ASC NULLS FIRST, x0) AS c FROM p0_ranked WHERE is_row = 1 AND x0 IS NOT NULL;

-- the last 3 values of each instant
CREATE TEMP TABLE p0_list_22 AS
SELECT qid, list(x ORDER BY c DESC) AS a FROM (
SELECT qid, kid, unnest(range(greatest(c_x0_w0, c_x0_e - 3) + 1, c_x0_e + 1)) AS c FROM p0_frames
) JOIN p0_items_x0 USING (kid, c) GROUP BY qid;

-- non-null values, numbered in row order
CREATE TEMP TABLE p0_items_x1 AS
SELECT kid, x1 AS x, row_number() OVER (PARTITION BY kid ORDER BY ts, created ASC NULLS FIRST, x1) AS c FROM p0_ranked WHERE is_row = 1 AND x1 IS NOT NULL;

-- the last 3 values of each instant
CREATE TEMP TABLE p0_list_23 AS
SELECT qid, list(x ORDER BY c DESC) AS a FROM (
SELECT qid, kid, unnest(range(greatest(c_x1_w1, c_x1_e - 3) + 1, c_x1_e + 1)) AS c FROM p0_frames
) JOIN p0_items_x1 USING (kid, c) GROUP BY qid;

-- aggregates of heavy keys
CREATE TEMP TABLE p0_framed AS
SELECT qid, CASE WHEN NOT (coalesce(g0, false)) THEN a0_0 END AS v0, (coalesce(g0, false)) AS i0, CASE WHEN NOT (coalesce(g1, false)) THEN a1_0 END AS v1, (coalesce(g1, false)) AS i1, CASE WHEN NOT (coalesce(g2, false)) THEN CASE WHEN isfinite(a2_0) THEN a2_0 + 0.0 END END AS v2, (coalesce(g2, false)) AS i2, CASE WHEN NOT (coalesce(g3, false) OR coalesce((a3_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a3_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a3_0 AS BIGINT) END END AS v3, (coalesce(g3, false) OR coalesce((a3_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i3, CASE WHEN NOT (coalesce(g4, false)) THEN CASE WHEN isfinite(a4_0) THEN a4_0 + 0.0 END END AS v4, (coalesce(g4, false)) AS i4, CASE WHEN NOT (coalesce(g5, false)) THEN CASE WHEN isfinite(a5_0) THEN a5_0 + 0.0 END END AS v5, (coalesce(g5, false)) AS i5, CASE WHEN NOT (coalesce(g6, false)) THEN CASE WHEN a6_1 <= 1e150 THEN CASE WHEN isfinite(a6_0) THEN a6_0 + 0.0 END END END AS v6, (coalesce(g6, false)) AS i6, CASE WHEN NOT (coalesce(g7, false)) THEN CASE WHEN a7_1 <= 1e150 THEN CASE WHEN isfinite(a7_0) THEN a7_0 + 0.0 END END END AS v7, (coalesce(g7, false)) AS i7, CASE WHEN NOT (coalesce(g8, false)) THEN CASE WHEN a8_1 <= 1e150 THEN CASE WHEN isfinite(a8_0) THEN a8_0 + 0.0 END END END AS v8, (coalesce(g8, false)) AS i8, CASE WHEN NOT (coalesce(g9, false)) THEN CASE WHEN a9_1 <= 1e150 THEN CASE WHEN isfinite(a9_0) THEN a9_0 + 0.0 END END END AS v9, (coalesce(g9, false)) AS i9, CASE WHEN NOT (coalesce(g10, false)) THEN CASE WHEN a10_1 <= 1e150 THEN CASE WHEN isfinite(a10_0) THEN a10_0 + 0.0 END END END AS v10, (coalesce(g10, false)) AS i10, CASE WHEN NOT (coalesce(g11, false)) THEN CASE WHEN a11_1 <= 1e150 THEN CASE WHEN isfinite(a11_0) THEN a11_0 + 0.0 END END END AS v11, (coalesce(g11, false)) AS i11, CASE WHEN NOT (coalesce(g12, false)) THEN CASE WHEN a12_1 <= 1e150 THEN CASE WHEN isfinite(a12_0) THEN a12_0 + 0.0 END END END AS v12, (coalesce(g12, false)) AS i12, CASE WHEN NOT (coalesce(g13, false)) THEN CASE WHEN a13_1 <= 1e150 THEN CASE WHEN isfinite(a13_0) THEN a13_0 + 0.0 END END END AS v13, (coalesce(g13, false)) AS i13, CASE WHEN NOT (coalesce(g14, false)) THEN a14_0 END AS v14, (coalesce(g14, false)) AS i14, CASE WHEN NOT (coalesce(g15, false)) THEN a15_0 END AS v15, (coalesce(g15, false)) AS i15, CASE WHEN NOT (coalesce(g16, false)) THEN a16_0 END AS v16, (coalesce(g16, false)) AS i16, CASE WHEN NOT (coalesce(g17, false)) THEN a17_0 END AS v17, (coalesce(g17, false)) AS i17, CASE WHEN NOT (coalesce(g18, false)) THEN a18_0 END AS v18, (coalesce(g18, false)) AS i18, CASE WHEN NOT (coalesce(g19, false)) THEN a19_0 END AS v19, (coalesce(g19, false)) AS i19, CASE WHEN NOT (coalesce(g20, false)) THEN CASE WHEN a20_1 > 0 THEN a20_0 END END AS v20, (coalesce(g20, false)) AS i20, CASE WHEN NOT (coalesce(g21, false)) THEN CASE WHEN a21_1 > 0 THEN a21_0 END END AS v21, (coalesce(g21, false)) AS i21, CASE WHEN NOT (coalesce(g22, false)) THEN coalesce(a22_0, CAST([] AS DOUBLE[])) END AS v22, (coalesce(g22, false)) AS i22, CASE WHEN NOT (coalesce(g23, false)) THEN coalesce(a23_0, CAST([] AS BIGINT[])) END AS v23, (coalesce(g23, false)) AS i23, CASE WHEN NOT (coalesce(g24, false)) THEN a24_0 END AS v24, (coalesce(g24, false)) AS i24, CASE WHEN NOT (coalesce(g25, false)) THEN a25_0 END AS v25, (coalesce(g25, false)) AS i25
FROM (
SELECT f.qid, coalesce(w0.b0, 0) AS a0_0, w0.b20 > 0 AS g0, coalesce(w1.b1, 0) AS a1_0, w1.b21 > 0 AS g1, w0.b2 AS a2_0, w0.b20 > 0 AS g2, w1.b3 AS a3_0, w1.b21 > 0 AS g3, CAST(w0.b2 AS DOUBLE) / nullif(w0.b0, 0) AS a4_0, w0.b20 > 0 AS g4, CAST(w1.b3 AS DOUBLE) / nullif(w1.b1, 0) AS a5_0, w1.b21 > 0 AS g5, w0.b4 AS a6_0, w0.b5 AS a6_1, w0.b20 > 0 AS g6, w1.b6 AS a7_0, w1.b7 AS a7_1, w1.b21 > 0 AS g7, w0.b8 AS a8_0, w0.b5 AS a8_1, w0.b20 > 0 AS g8, w1.b9 AS a9_0, w1.b7 AS a9_1, w1.b21 > 0 AS g9, w0.b10 AS a10_0, w0.b5 AS a10_1, w0.b20 > 0 AS g10, w1.b11 AS a11_0, w1.b7 AS a11_1, w1.b21 > 0 AS g11, w0.b12 AS a12_0, w0.b5 AS a12_1, w0.b20 > 0 AS g12, w1.b13 AS a13_0, w1.b7 AS a13_1, w1.b21 > 0 AS g13, w0.b14 AS a14_0, w0.b20 > 0 AS g14, w1.b15 AS a15_0, w1.b21 > 0 AS g15, w0.b16 AS a16_0, w0.b20 > 0 AS g16, w1.b17 AS a17_0, w1.b21 > 0 AS g17, first_18.x0_first AS a18_0, w0.b20 > 0 AS g18, first_19.x1_first AS a19_0, w1.b21 > 0 AS g19, last_x0.x0_last AS a20_0, f.c_x0_e - f.c_x0_w0 AS a20_1, w0.b20 > 0 AS g20, last_x1.x1_last AS a21_0, f.c_x1_e - f.c_x1_w1 AS a21_1, w1.b21 > 0 AS g21, list_22.a AS a22_0, w0.b20 > 0 AS g22, list_23.a AS a23_0, w1.b21 > 0 AS g23, coalesce(w0.b18, 0) AS a24_0, w0.b20 > 0 AS g24, coalesce(w1.b19, 0) AS a25_0, w1.b21 > 0 AS g25
FROM p0_frames f
LEFT JOIN p0_tape_values w0 ON w0.qid = f.qid AND w0.w = 'w0'
LEFT JOIN p0_tape_values w1 ON w1.qid = f.qid AND w1.w = 'w1'
LEFT JOIN p0_ranked first_18 ON first_18.kid = f.kid AND first_18.c_x0 = f.c_x0_w0 + 1 AND first_18.is_row = 1 AND first_18.x0 IS NOT NULL AND f.c_x0_e > f.c_x0_w0
LEFT JOIN p0_ranked first_19 ON first_19.kid = f.kid AND first_19.c_x1 = f.c_x1_w1 + 1 AND first_19.is_row = 1 AND first_19.x1 IS NOT NULL AND f.c_x1_e > f.c_x1_w1
LEFT JOIN p0_ranked last_x0 ON last_x0.kid = f.kid AND last_x0.c_x0 = f.c_x0_e AND last_x0.is_row = 1 AND last_x0.x0 IS NOT NULL
LEFT JOIN p0_ranked last_x1 ON last_x1.kid = f.kid AND last_x1.c_x1 = f.c_x1_e AND last_x1.is_row = 1 AND last_x1.x1 IS NOT NULL
LEFT JOIN p0_list_22 list_22 ON list_22.qid = f.qid
LEFT JOIN p0_list_23 list_23 ON list_23.qid = f.qid
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
  c0 AS "airport",
  c1 AS "t",
  CASE WHEN p0r0.i0 THEN error('PLUMB:INVALID_VALUE:count_1d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE coalesce(p0r0.v0, CAST(0 AS BIGINT)) END AS "count_1d",
  CASE WHEN p0r0.i1 THEN error('PLUMB:INVALID_VALUE:count_7d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE coalesce(p0r0.v1, CAST(0 AS BIGINT)) END AS "count_7d",
  CASE WHEN p0r0.i2 THEN error('PLUMB:INVALID_VALUE:sum_1d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v2 END AS "sum_1d",
  CASE WHEN p0r0.i3 THEN error('PLUMB:INVALID_VALUE:sum_7d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v3 END AS "sum_7d",
  CASE WHEN p0r0.i4 THEN error('PLUMB:INVALID_VALUE:mean_1d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v4 END AS "mean_1d",
  CASE WHEN p0r0.i5 THEN error('PLUMB:INVALID_VALUE:mean_7d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v5 END AS "mean_7d",
  CASE WHEN p0r0.i6 THEN error('PLUMB:INVALID_VALUE:stddev_pop_1d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v6 END AS "stddev_pop_1d",
  CASE WHEN p0r0.i7 THEN error('PLUMB:INVALID_VALUE:stddev_pop_7d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v7 END AS "stddev_pop_7d",
  CASE WHEN p0r0.i8 THEN error('PLUMB:INVALID_VALUE:stddev_samp_1d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v8 END AS "stddev_samp_1d",
  CASE WHEN p0r0.i9 THEN error('PLUMB:INVALID_VALUE:stddev_samp_7d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v9 END AS "stddev_samp_7d",
  CASE WHEN p0r0.i10 THEN error('PLUMB:INVALID_VALUE:var_pop_1d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v10 END AS "var_pop_1d",
  CASE WHEN p0r0.i11 THEN error('PLUMB:INVALID_VALUE:var_pop_7d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v11 END AS "var_pop_7d",
  CASE WHEN p0r0.i12 THEN error('PLUMB:INVALID_VALUE:var_samp_1d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v12 END AS "var_samp_1d",
  CASE WHEN p0r0.i13 THEN error('PLUMB:INVALID_VALUE:var_samp_7d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v13 END AS "var_samp_7d",
  CASE WHEN p0r0.i14 THEN error('PLUMB:INVALID_VALUE:min_1d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v14 END AS "min_1d",
  CASE WHEN p0r0.i15 THEN error('PLUMB:INVALID_VALUE:min_7d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v15 END AS "min_7d",
  CASE WHEN p0r0.i16 THEN error('PLUMB:INVALID_VALUE:max_1d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v16 END AS "max_1d",
  CASE WHEN p0r0.i17 THEN error('PLUMB:INVALID_VALUE:max_7d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v17 END AS "max_7d",
  CASE WHEN p0r0.i18 THEN error('PLUMB:INVALID_VALUE:first_1d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v18 END AS "first_1d",
  CASE WHEN p0r0.i19 THEN error('PLUMB:INVALID_VALUE:first_7d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v19 END AS "first_7d",
  CASE WHEN p0r0.i20 THEN error('PLUMB:INVALID_VALUE:last_1d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v20 END AS "last_1d",
  CASE WHEN p0r0.i21 THEN error('PLUMB:INVALID_VALUE:last_7d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE p0r0.v21 END AS "last_7d",
  CASE WHEN p0r0.i22 THEN error('PLUMB:INVALID_VALUE:last_n_1d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE coalesce(p0r0.v22, CAST([] AS DOUBLE[])) END AS "last_n_1d",
  CASE WHEN p0r0.i23 THEN error('PLUMB:INVALID_VALUE:last_n_7d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE coalesce(p0r0.v23, CAST([] AS BIGINT[])) END AS "last_n_7d",
  CASE WHEN p0r0.i24 THEN error('PLUMB:INVALID_VALUE:count_distinct_1d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE coalesce(p0r0.v24, CAST(0 AS BIGINT)) END AS "count_distinct_1d",
  CASE WHEN p0r0.i25 THEN error('PLUMB:INVALID_VALUE:count_distinct_7d: an int64 overflow or a failed CAST in rows that a label row needs') ELSE coalesce(p0r0.v25, CAST(0 AS BIGINT)) END AS "count_distinct_7d"
FROM labels
LEFT JOIN p0_values p0r0 ON p0r0.k0 = l0 AND p0r0.e = ((t - 300000000) - (((t - 300000000) % 3600000000) + 3600000000) % 3600000000);

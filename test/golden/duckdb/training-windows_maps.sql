-- strategy: windows_maps: join and group for keys with at most 128 × (rows + instants) pairs, frames over sorted rows for heavier ones

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
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, CASE WHEN (c4 IS NOT NULL) THEN c3 END AS x0, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f0, CAST(c4 AS VARCHAR) AS x1, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f1, CASE WHEN (c4 IS NOT NULL) THEN TRUE END AS x2, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f2, CASE WHEN (c2 IS NOT NULL) THEN c4 END AS x3, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f3, list_transform([c2], lambda instant: CASE WHEN date_part('year', instant) BETWEEN 0 AND 9999 THEN format('{:04d}', date_part('year', instant))
    ELSE CASE WHEN date_part('year', instant) < 0 THEN '-' ELSE '+' END || format('{:06d}', abs(date_part('year', instant))) END || strftime(instant, '-%m-%dT%H:%M:%S') || CASE WHEN date_part('microsecond', instant) % 1000000 = 0 THEN '' WHEN date_part('microsecond', instant) % 1000000 % 1000 = 0 THEN format('.{:03d}', CAST((date_part('microsecond', instant) % 1000000) // 1000 AS BIGINT))
    ELSE format('.{:06d}', date_part('microsecond', instant) % 1000000) END || 'Z')[1] AS x4, (((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL)) AS f4, ((TRY_CAST(CASE WHEN regexp_full_match(c0, '[+-]?[0-9]+') THEN c0 END AS BIGINT) > CAST(0 AS BIGINT)) IS NULL AND c0 IS NOT NULL) AS fw
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
SELECT s0.*, s1.* EXCLUDE (qid, row_ts), s2.* EXCLUDE (qid, row_ts)
FROM (
SELECT qid, row_ts, v0 AS v0, i0 AS i0
FROM (
SELECT qid, row_ts, CASE WHEN NOT (coalesce(g0, false)) THEN a0_0 END AS v0, (coalesce(g0, false)) AS i0
FROM (
SELECT qid, max(ts) AS row_ts, count(*) FILTER (WHERE ts >= (e - 86400000000)) AS a0_0, bool_or(fw) FILTER (WHERE ts >= (e - 86400000000)) AS g0
FROM p0_queries q ANTI JOIN p0_heavy USING (kid) JOIN p0_rows USING (kid)
WHERE ts < e AND ts >= least((e - 86400000000), (e - 604800000000))
GROUP BY qid
)
)
) s0
JOIN (
SELECT qid, max(row_ts) AS row_ts, CASE WHEN NOT (bool_or(i0)) THEN coalesce(map_from_entries(list_transform(list_sort(list({'rank': rank1, 'item': {'key': x1, 'value': v0}}) FILTER (WHERE x1 IS NOT NULL AND v2 > 0 AND rank1 <= 3)), lambda one: one.item)), CAST(MAP {} AS MAP(VARCHAR, DOUBLE))) END AS v1, (bool_or(i0)) AS i1, CASE WHEN NOT (bool_or(i1) OR count(*) FILTER (WHERE x1 IS NOT NULL AND v1 > 0) > 1000) THEN coalesce(map_from_entries(list_sort(list({'key': x1, 'value': v1}) FILTER (WHERE x1 IS NOT NULL AND v1 > 0))), CAST(MAP {} AS MAP(VARCHAR, BIGINT))) END AS v2, (bool_or(i1) OR count(*) FILTER (WHERE x1 IS NOT NULL AND v1 > 0) > 1000) AS i2
FROM (
SELECT *, row_number() OVER (PARTITION BY qid ORDER BY x1 IS NOT NULL AND v2 > 0 DESC NULLS LAST, v0 DESC NULLS LAST, x1) AS rank1
FROM (
SELECT qid, x1, row_ts, CASE WHEN NOT (coalesce(g0, false)) THEN CASE WHEN isfinite(a0_0) THEN a0_0 + 0.0 END END AS v0, (coalesce(g0, false)) AS i0, CASE WHEN NOT (coalesce(g1, false)) THEN a1_0 END AS v1, (coalesce(g1, false)) AS i1, CASE WHEN NOT (coalesce(g2, false)) THEN a2_0 END AS v2, (coalesce(g2, false)) AS i2
FROM (
SELECT qid, x1, max(ts) AS row_ts, avg(CAST(x0 AS DOUBLE)) FILTER (WHERE ts >= (e - 604800000000)) AS a0_0, bool_or(f0) FILTER (WHERE ts >= (e - 604800000000)) AS g0, count(x2) FILTER (WHERE ts >= (e - 86400000000)) AS a1_0, bool_or(f2) FILTER (WHERE ts >= (e - 86400000000)) AS g1, count(x0) FILTER (WHERE ts >= (e - 604800000000)) AS a2_0, bool_or(f0) FILTER (WHERE ts >= (e - 604800000000)) AS g2
FROM p0_queries q ANTI JOIN p0_heavy USING (kid) JOIN p0_rows USING (kid)
WHERE ts < e AND ts >= least((e - 86400000000), (e - 604800000000))
GROUP BY qid, x1
)
)
)
GROUP BY qid
) s1 USING (qid)
JOIN (
SELECT qid, max(row_ts) AS row_ts, CASE WHEN NOT (bool_or(i0)) THEN coalesce(list_transform(list_sort(list({'rank': rank3, 'item': x4}) FILTER (WHERE x4 IS NOT NULL AND v1 > 0 AND rank3 <= 5)), lambda one: one.item), CAST([] AS VARCHAR[])) END AS v3, (bool_or(i0)) AS i3
FROM (
SELECT *, row_number() OVER (PARTITION BY qid ORDER BY x4 IS NOT NULL AND v1 > 0 DESC NULLS LAST, v0 DESC NULLS LAST, x4) AS rank3
FROM (
SELECT qid, x4, row_ts, CASE WHEN NOT (coalesce(g0, false) OR coalesce((a0_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a0_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a0_0 AS BIGINT) END END AS v0, (coalesce(g0, false) OR coalesce((a0_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i0, CASE WHEN NOT (coalesce(g1, false)) THEN a1_0 END AS v1, (coalesce(g1, false)) AS i1
FROM (
SELECT qid, x4, max(ts) AS row_ts, sum(x3) FILTER (WHERE ts >= (e - 604800000000)) AS a0_0, bool_or(f3) FILTER (WHERE ts >= (e - 604800000000)) AS g0, count(x3) FILTER (WHERE ts >= (e - 604800000000)) AS a1_0, bool_or(f3) FILTER (WHERE ts >= (e - 604800000000)) AS g1
FROM p0_queries q ANTI JOIN p0_heavy USING (kid) JOIN p0_rows USING (kid)
WHERE ts < e AND ts >= least((e - 86400000000), (e - 604800000000))
GROUP BY qid, x4
)
)
)
GROUP BY qid
) s2 USING (qid);

-- those of the view
CREATE TEMP VIEW p0_share0_queries AS
SELECT * FROM p0_queries;

-- those of the view
CREATE TEMP VIEW p0_share0_rows AS
SELECT * FROM p0_rows;

-- those of the view
CREATE TEMP VIEW p0_share0_heavy AS
SELECT * FROM p0_heavy;

-- instants of heavy keys, with the edges of their windows
CREATE TEMP TABLE p0_share0_heavy_queries AS
SELECT qid, kid, e, (e - 86400000000) AS s_w0, (e - 604800000000) AS s_w1 FROM p0_share0_queries SEMI JOIN p0_share0_heavy USING (kid);

-- every window edge, once
CREATE TEMP TABLE p0_share0_marks AS
SELECT kid, e AS ts FROM p0_share0_heavy_queries
UNION
SELECT kid, s_w0 AS ts FROM p0_share0_heavy_queries
UNION
SELECT kid, s_w1 AS ts FROM p0_share0_heavy_queries;

-- edges among rows, each with the running totals before it
CREATE TEMP TABLE p0_share0_ranked AS
SELECT *, CAST(coalesce(sum(CASE WHEN is_row = 1 THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS r
FROM (
SELECT *, 1 AS is_row FROM p0_share0_rows SEMI JOIN p0_share0_heavy USING (kid)
UNION ALL BY NAME
SELECT kid, ts, 0 AS is_row FROM p0_share0_marks
)
WINDOW running AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST ROWS UNBOUNDED PRECEDING), tied AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST RANGE BETWEEN CURRENT ROW AND CURRENT ROW);

-- totals at the window edges of each instant
CREATE TEMP TABLE p0_share0_frames AS
SELECT qid, q.kid, e.r AS r_e, w0.r AS r_w0, w1.r AS r_w1
FROM p0_share0_heavy_queries q
JOIN p0_share0_ranked e ON e.kid = q.kid AND e.ts = q.e AND e.is_row = 0
JOIN p0_share0_ranked w0 ON w0.kid = q.kid AND w0.ts = q.s_w0 AND w0.is_row = 0
JOIN p0_share0_ranked w1 ON w1.kid = q.kid AND w1.ts = q.s_w1 AND w1.is_row = 0;

-- rows by position, then an entry for each instant and window with its frame
CREATE TEMP TABLE p0_share0_tape AS
SELECT kid, r AS pos, 0 AS o_s, 1 AS o_e, fw FROM p0_share0_ranked WHERE is_row = 1
UNION ALL BY NAME
SELECT qid, w, kid, pos, pos - r_from - 1 AS o_s, pos - r_to AS o_e FROM (SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (
SELECT qid, 'w0' AS w, kid, r_w0 AS r_from, r_e AS r_to FROM p0_share0_frames WHERE r_w0 < r_e
) JOIN (SELECT kid, max(r) AS n FROM p0_share0_ranked GROUP BY kid) USING (kid));

-- aggregates over the frames of 1 windows
CREATE TEMP TABLE p0_share0_tape_values AS
SELECT * FROM (
SELECT qid, w, count(CASE WHEN fw THEN 1 END) OVER frame AS b0
FROM p0_share0_tape
WINDOW frame AS (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING)
) WHERE qid IS NOT NULL;

-- aggregates of heavy keys
CREATE TEMP TABLE p0_share0_framed AS
SELECT qid, CASE WHEN NOT (coalesce(g0, false)) THEN a0_0 END AS v0, (coalesce(g0, false)) AS i0
FROM (
SELECT f.qid, f.r_e - f.r_w0 AS a0_0, w0.b0 > 0 AS g0
FROM p0_share0_frames f
LEFT JOIN p0_share0_tape_values w0 ON w0.qid = f.qid AND w0.w = 'w0'
);

-- under their own numbers
CREATE TEMP VIEW p0_share0_whole AS
SELECT qid, v0 AS v0, i0 AS i0
FROM p0_share0_framed;

-- keys of maps of heavy keys, numbered
CREATE TEMP TABLE p0_share1_keys AS
SELECT row_number() OVER () AS kid, * FROM (SELECT kid AS owner, x1, min(ts) AS first_ts, max(ts) AS last_ts FROM p0_rows SEMI JOIN p0_heavy USING (kid) GROUP BY kid, x1);

-- all of them
CREATE TEMP TABLE p0_share1_heavy AS
SELECT kid FROM p0_share1_keys;

-- their rows
CREATE TEMP TABLE p0_share1_rows AS
SELECT r.* EXCLUDE (kid), k.kid FROM p0_rows r JOIN p0_share1_keys k ON k.owner = r.kid AND k.x1 IS NOT DISTINCT FROM r.x1;

-- what is asked of each: instants at which a window can hold a row of it
CREATE TEMP TABLE p0_share1_queries AS
SELECT row_number() OVER () AS qid, q.qid AS owner, k.kid, e FROM p0_queries q JOIN p0_share1_keys k ON k.owner = q.kid
WHERE first_ts < e AND last_ts >= least((e - 86400000000), (e - 604800000000));

-- instants of heavy keys, with the edges of their windows
CREATE TEMP TABLE p0_share1_heavy_queries AS
SELECT qid, kid, e, (e - 86400000000) AS s_w0, (e - 604800000000) AS s_w1 FROM p0_share1_queries SEMI JOIN p0_share1_heavy USING (kid);

-- every window edge, once
CREATE TEMP TABLE p0_share1_marks AS
SELECT kid, e AS ts FROM p0_share1_heavy_queries
UNION
SELECT kid, s_w0 AS ts FROM p0_share1_heavy_queries
UNION
SELECT kid, s_w1 AS ts FROM p0_share1_heavy_queries;

-- edges among rows, each with the running totals before it
CREATE TEMP TABLE p0_share1_ranked AS
SELECT *, CAST(coalesce(sum(CASE WHEN is_row = 1 THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS r
FROM (
SELECT *, 1 AS is_row FROM p0_share1_rows SEMI JOIN p0_share1_heavy USING (kid)
UNION ALL BY NAME
SELECT kid, ts, 0 AS is_row FROM p0_share1_marks
)
WINDOW running AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST ROWS UNBOUNDED PRECEDING), tied AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST RANGE BETWEEN CURRENT ROW AND CURRENT ROW);

-- totals at the window edges of each instant
CREATE TEMP TABLE p0_share1_frames AS
SELECT qid, q.kid, e.r AS r_e, w0.r AS r_w0, w1.r AS r_w1
FROM p0_share1_heavy_queries q
JOIN p0_share1_ranked e ON e.kid = q.kid AND e.ts = q.e AND e.is_row = 0
JOIN p0_share1_ranked w0 ON w0.kid = q.kid AND w0.ts = q.s_w0 AND w0.is_row = 0
JOIN p0_share1_ranked w1 ON w1.kid = q.kid AND w1.ts = q.s_w1 AND w1.is_row = 0;

-- rows by position, then an entry for each instant and window with its frame
CREATE TEMP TABLE p0_share1_tape AS
SELECT kid, r AS pos, 0 AS o_s, 1 AS o_e, x0, x2, f0, f2 FROM p0_share1_ranked WHERE is_row = 1
UNION ALL BY NAME
SELECT qid, w, kid, pos, pos - r_from - 1 AS o_s, pos - r_to AS o_e FROM (SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (
SELECT qid, 'w1' AS w, kid, r_w1 AS r_from, r_e AS r_to FROM p0_share1_frames WHERE r_w1 < r_e
UNION ALL
SELECT qid, 'w0' AS w, kid, r_w0 AS r_from, r_e AS r_to FROM p0_share1_frames WHERE r_w0 < r_e
) JOIN (SELECT kid, max(r) AS n FROM p0_share1_ranked GROUP BY kid) USING (kid));

-- aggregates over the frames of 2 windows
CREATE TEMP TABLE p0_share1_tape_values AS
SELECT * FROM (
SELECT qid, w, sum(CAST(x0 AS DOUBLE)) OVER frame AS b0, count(x0) OVER frame AS b1, count(x2) OVER frame AS b2, count(CASE WHEN f0 THEN 1 END) OVER frame AS b3, count(CASE WHEN f2 THEN 1 END) OVER frame AS b4
FROM p0_share1_tape
WINDOW frame AS (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING)
) WHERE qid IS NOT NULL;

-- aggregates of heavy keys
CREATE TEMP TABLE p0_share1_framed AS
SELECT qid, CASE WHEN NOT (coalesce(g0, false)) THEN CASE WHEN isfinite(a0_0) THEN a0_0 + 0.0 END END AS v0, (coalesce(g0, false)) AS i0, CASE WHEN NOT (coalesce(g1, false)) THEN a1_0 END AS v1, (coalesce(g1, false)) AS i1, CASE WHEN NOT (coalesce(g2, false)) THEN a2_0 END AS v2, (coalesce(g2, false)) AS i2
FROM (
SELECT f.qid, CAST(w1.b0 AS DOUBLE) / nullif(w1.b1, 0) AS a0_0, w1.b3 > 0 AS g0, coalesce(w0.b2, 0) AS a1_0, w0.b4 > 0 AS g1, coalesce(w1.b1, 0) AS a2_0, w1.b3 > 0 AS g2
FROM p0_share1_frames f
LEFT JOIN p0_share1_tape_values w1 ON w1.qid = f.qid AND w1.w = 'w1'
LEFT JOIN p0_share1_tape_values w0 ON w0.qid = f.qid AND w0.w = 'w0'
);

-- maps of heavy keys
CREATE TEMP TABLE p0_share1_whole AS
SELECT qid, CASE WHEN NOT (bool_or(i0)) THEN coalesce(map_from_entries(list_transform(list_sort(list({'rank': rank1, 'item': {'key': x1, 'value': v0}}) FILTER (WHERE x1 IS NOT NULL AND v2 > 0 AND rank1 <= 3)), lambda one: one.item)), CAST(MAP {} AS MAP(VARCHAR, DOUBLE))) END AS v1, (bool_or(i0)) AS i1, CASE WHEN NOT (bool_or(i1) OR count(*) FILTER (WHERE x1 IS NOT NULL AND v1 > 0) > 1000) THEN coalesce(map_from_entries(list_sort(list({'key': x1, 'value': v1}) FILTER (WHERE x1 IS NOT NULL AND v1 > 0))), CAST(MAP {} AS MAP(VARCHAR, BIGINT))) END AS v2, (bool_or(i1) OR count(*) FILTER (WHERE x1 IS NOT NULL AND v1 > 0) > 1000) AS i2
FROM (
SELECT *, row_number() OVER (PARTITION BY qid ORDER BY x1 IS NOT NULL AND v2 > 0 DESC NULLS LAST, v0 DESC NULLS LAST, x1) AS rank1
FROM (
SELECT q.owner AS qid, k.x1, f.* EXCLUDE (qid) FROM p0_share1_framed f JOIN p0_share1_queries q USING (qid) JOIN p0_share1_keys k USING (kid)
)
)
GROUP BY qid;

-- keys of maps of heavy keys, numbered
CREATE TEMP TABLE p0_share2_keys AS
SELECT row_number() OVER () AS kid, * FROM (SELECT kid AS owner, x4, min(ts) AS first_ts, max(ts) AS last_ts FROM p0_rows SEMI JOIN p0_heavy USING (kid) GROUP BY kid, x4);

-- all of them
CREATE TEMP TABLE p0_share2_heavy AS
SELECT kid FROM p0_share2_keys;

-- their rows
CREATE TEMP TABLE p0_share2_rows AS
SELECT r.* EXCLUDE (kid), k.kid FROM p0_rows r JOIN p0_share2_keys k ON k.owner = r.kid AND k.x4 IS NOT DISTINCT FROM r.x4;

-- what is asked of each: instants at which a window can hold a row of it
CREATE TEMP TABLE p0_share2_queries AS
SELECT row_number() OVER () AS qid, q.qid AS owner, k.kid, e FROM p0_queries q JOIN p0_share2_keys k ON k.owner = q.kid
WHERE first_ts < e AND last_ts >= least((e - 86400000000), (e - 604800000000));

-- instants of heavy keys, with the edges of their windows
CREATE TEMP TABLE p0_share2_heavy_queries AS
SELECT qid, kid, e, (e - 86400000000) AS s_w0, (e - 604800000000) AS s_w1 FROM p0_share2_queries SEMI JOIN p0_share2_heavy USING (kid);

-- every window edge, once
CREATE TEMP TABLE p0_share2_marks AS
SELECT kid, e AS ts FROM p0_share2_heavy_queries
UNION
SELECT kid, s_w0 AS ts FROM p0_share2_heavy_queries
UNION
SELECT kid, s_w1 AS ts FROM p0_share2_heavy_queries;

-- edges among rows, each with the running totals before it
CREATE TEMP TABLE p0_share2_ranked AS
SELECT *, CAST(coalesce(sum(CASE WHEN is_row = 1 THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS r
FROM (
SELECT *, 1 AS is_row FROM p0_share2_rows SEMI JOIN p0_share2_heavy USING (kid)
UNION ALL BY NAME
SELECT kid, ts, 0 AS is_row FROM p0_share2_marks
)
WINDOW running AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST ROWS UNBOUNDED PRECEDING), tied AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST RANGE BETWEEN CURRENT ROW AND CURRENT ROW);

-- totals at the window edges of each instant
CREATE TEMP TABLE p0_share2_frames AS
SELECT qid, q.kid, e.r AS r_e, w0.r AS r_w0, w1.r AS r_w1
FROM p0_share2_heavy_queries q
JOIN p0_share2_ranked e ON e.kid = q.kid AND e.ts = q.e AND e.is_row = 0
JOIN p0_share2_ranked w0 ON w0.kid = q.kid AND w0.ts = q.s_w0 AND w0.is_row = 0
JOIN p0_share2_ranked w1 ON w1.kid = q.kid AND w1.ts = q.s_w1 AND w1.is_row = 0;

-- rows by position, then an entry for each instant and window with its frame
CREATE TEMP TABLE p0_share2_tape AS
SELECT kid, r AS pos, 0 AS o_s, 1 AS o_e, x3, f3 FROM p0_share2_ranked WHERE is_row = 1
UNION ALL BY NAME
SELECT qid, w, kid, pos, pos - r_from - 1 AS o_s, pos - r_to AS o_e FROM (SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (
SELECT qid, 'w1' AS w, kid, r_w1 AS r_from, r_e AS r_to FROM p0_share2_frames WHERE r_w1 < r_e
) JOIN (SELECT kid, max(r) AS n FROM p0_share2_ranked GROUP BY kid) USING (kid));

-- aggregates over the frames of 1 windows
CREATE TEMP TABLE p0_share2_tape_values AS
SELECT * FROM (
SELECT qid, w, sum(x3) OVER frame AS b0, count(x3) OVER frame AS b1, count(CASE WHEN f3 THEN 1 END) OVER frame AS b2
FROM p0_share2_tape
WINDOW frame AS (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING)
) WHERE qid IS NOT NULL;

-- aggregates of heavy keys
CREATE TEMP TABLE p0_share2_framed AS
SELECT qid, CASE WHEN NOT (coalesce(g0, false) OR coalesce((a0_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a0_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a0_0 AS BIGINT) END END AS v0, (coalesce(g0, false) OR coalesce((a0_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i0, CASE WHEN NOT (coalesce(g1, false)) THEN a1_0 END AS v1, (coalesce(g1, false)) AS i1
FROM (
SELECT f.qid, w1.b0 AS a0_0, w1.b2 > 0 AS g0, coalesce(w1.b1, 0) AS a1_0, w1.b2 > 0 AS g1
FROM p0_share2_frames f
LEFT JOIN p0_share2_tape_values w1 ON w1.qid = f.qid AND w1.w = 'w1'
);

-- maps of heavy keys
CREATE TEMP TABLE p0_share2_whole AS
SELECT qid, CASE WHEN NOT (bool_or(i0)) THEN coalesce(list_transform(list_sort(list({'rank': rank3, 'item': x4}) FILTER (WHERE x4 IS NOT NULL AND v1 > 0 AND rank3 <= 5)), lambda one: one.item), CAST([] AS VARCHAR[])) END AS v3, (bool_or(i0)) AS i3
FROM (
SELECT *, row_number() OVER (PARTITION BY qid ORDER BY x4 IS NOT NULL AND v1 > 0 DESC NULLS LAST, v0 DESC NULLS LAST, x4) AS rank3
FROM (
SELECT q.owner AS qid, k.x4, f.* EXCLUDE (qid) FROM p0_share2_framed f JOIN p0_share2_queries q USING (qid) JOIN p0_share2_keys k USING (kid)
)
)
GROUP BY qid;

-- aggregates and maps of heavy keys
CREATE TEMP TABLE p0_framed AS
SELECT * FROM (SELECT qid FROM p0_queries SEMI JOIN p0_heavy USING (kid))
LEFT JOIN p0_share0_whole USING (qid)
LEFT JOIN p0_share1_whole USING (qid)
LEFT JOIN p0_share2_whole USING (qid);

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
  CASE WHEN p0r0.i0 THEN error('PLUMB:INVALID_VALUE:flights: an int64 overflow, a failed CAST, or a map of more than 1,000 keys, in rows that a label row needs') ELSE coalesce(p0r0.v0, CAST(0 AS BIGINT)) END AS "flights",
  CASE WHEN p0r0.i1 THEN error('PLUMB:INVALID_VALUE:delay_by: an int64 overflow, a failed CAST, or a map of more than 1,000 keys, in rows that a label row needs') ELSE coalesce(p0r0.v1, CAST(MAP {} AS MAP(VARCHAR, DOUBLE))) END AS "delay_by",
  CASE WHEN p0r0.i2 THEN error('PLUMB:INVALID_VALUE:flights_by: an int64 overflow, a failed CAST, or a map of more than 1,000 keys, in rows that a label row needs') ELSE coalesce(p0r0.v2, CAST(MAP {} AS MAP(VARCHAR, BIGINT))) END AS "flights_by",
  CASE WHEN p0r0.i3 THEN error('PLUMB:INVALID_VALUE:seats_by: an int64 overflow, a failed CAST, or a map of more than 1,000 keys, in rows that a label row needs') ELSE coalesce(p0r0.v3, CAST([] AS VARCHAR[])) END AS "seats_by"
FROM labels
LEFT JOIN p0_values p0r0 ON p0r0.k0 = l0 AND p0r0.e = ((t - 300000000) - (((t - 300000000) % 3600000000) + 3600000000) % 3600000000);

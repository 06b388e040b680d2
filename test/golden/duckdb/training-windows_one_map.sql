-- strategy: windows_one_map: join and group for keys with at most 128 × (rows + instants) pairs, frames over sorted rows for heavier ones

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
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, CASE WHEN (c2 IS NOT NULL) THEN c4 END AS x0, list_transform([c2], lambda instant: CASE WHEN date_part('year', instant) BETWEEN 0 AND 9999 THEN format('{:04d}', date_part('year', instant))
    ELSE CASE WHEN date_part('year', instant) < 0 THEN '-' ELSE '+' END || format('{:06d}', abs(date_part('year', instant))) END || strftime(instant, '-%m-%dT%H:%M:%S') || CASE WHEN date_part('microsecond', instant) % 1000000 = 0 THEN '' WHEN date_part('microsecond', instant) % 1000000 % 1000 = 0 THEN format('.{:03d}', CAST((date_part('microsecond', instant) % 1000000) // 1000 AS BIGINT))
    ELSE format('.{:06d}', date_part('microsecond', instant) % 1000000) END || 'Z')[1] AS x1
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" >= CAST(make_timestamp(1766617199000000::BIGINT) AS TIMESTAMP) AND "ts" <= CAST(make_timestamp(1769814001000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL
) r JOIN p0_keys USING (k0)
WHERE ts >= 1766617200000000 AND ts <= 1769814000000000;

-- keys whose pairs would explode
CREATE TEMP TABLE p0_heavy AS
SELECT kid FROM (SELECT kid, count(*) AS n FROM p0_rows GROUP BY kid) JOIN p0_keys USING (kid)
WHERE CAST(n AS DOUBLE) * asked > 128 * CAST(n + asked AS DOUBLE);

-- aggregates of light keys, joined and grouped
CREATE TEMP TABLE p0_grouped AS
SELECT qid, max(row_ts) AS row_ts, CASE WHEN NOT (bool_or(i0)) THEN coalesce(map_from_entries(list_transform(list_sort(list({'rank': rank0, 'item': {'key': x1, 'value': v0}}) FILTER (WHERE x1 IS NOT NULL AND v1 > 0 AND rank0 <= 5)), lambda one: one.item)), CAST(MAP {} AS MAP(VARCHAR, BIGINT))) END AS v0, (bool_or(i0)) AS i0
FROM (
SELECT *, row_number() OVER (PARTITION BY qid ORDER BY x1 IS NOT NULL AND v1 > 0 DESC NULLS LAST, v0 DESC NULLS LAST, x1) AS rank0
FROM (
SELECT qid, x1, row_ts, CASE WHEN NOT (coalesce((a0_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a0_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a0_0 AS BIGINT) END END AS v0, (coalesce((a0_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i0, a1_0 AS v1
FROM (
SELECT qid, x1, max(ts) AS row_ts, sum(x0) FILTER (WHERE ts >= (e - 604800000000)) AS a0_0, count(x0) FILTER (WHERE ts >= (e - 604800000000)) AS a1_0
FROM p0_queries q ANTI JOIN p0_heavy USING (kid) JOIN p0_rows USING (kid)
WHERE ts < e AND ts >= (e - 604800000000)
GROUP BY qid, x1
)
)
)
GROUP BY qid;

-- keys of maps of heavy keys, numbered
CREATE TEMP TABLE p0_share0_keys AS
SELECT row_number() OVER () AS kid, * FROM (SELECT kid AS owner, x1, min(ts) AS first_ts, max(ts) AS last_ts FROM p0_rows SEMI JOIN p0_heavy USING (kid) GROUP BY kid, x1);

-- all of them
CREATE TEMP TABLE p0_share0_heavy AS
SELECT kid FROM p0_share0_keys;

-- their rows
CREATE TEMP TABLE p0_share0_rows AS
SELECT r.* EXCLUDE (kid), k.kid FROM p0_rows r JOIN p0_share0_keys k ON k.owner = r.kid AND k.x1 IS NOT DISTINCT FROM r.x1;

-- what is asked of each: instants at which a window can hold a row of it
CREATE TEMP TABLE p0_share0_queries AS
SELECT row_number() OVER () AS qid, q.qid AS owner, k.kid, e FROM p0_queries q JOIN p0_share0_keys k ON k.owner = q.kid
WHERE first_ts < e AND last_ts >= (e - 604800000000);

-- instants of heavy keys, with the edges of their windows
CREATE TEMP TABLE p0_share0_heavy_queries AS
SELECT qid, kid, e, (e - 604800000000) AS s_w0 FROM p0_share0_queries SEMI JOIN p0_share0_heavy USING (kid);

-- every window edge, once
CREATE TEMP TABLE p0_share0_marks AS
SELECT kid, e AS ts FROM p0_share0_heavy_queries
UNION
SELECT kid, s_w0 AS ts FROM p0_share0_heavy_queries;

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
SELECT qid, q.kid, e.r AS r_e, w0.r AS r_w0
FROM p0_share0_heavy_queries q
JOIN p0_share0_ranked e ON e.kid = q.kid AND e.ts = q.e AND e.is_row = 0
JOIN p0_share0_ranked w0 ON w0.kid = q.kid AND w0.ts = q.s_w0 AND w0.is_row = 0;

-- rows by position, then an entry for each instant and window with its frame
CREATE TEMP TABLE p0_share0_tape AS
SELECT kid, r AS pos, 0 AS o_s, 1 AS o_e, x0 FROM p0_share0_ranked WHERE is_row = 1
UNION ALL BY NAME
SELECT qid, w, kid, pos, pos - r_from - 1 AS o_s, pos - r_to AS o_e FROM (SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (
SELECT qid, 'w0' AS w, kid, r_w0 AS r_from, r_e AS r_to FROM p0_share0_frames WHERE r_w0 < r_e
) JOIN (SELECT kid, max(r) AS n FROM p0_share0_ranked GROUP BY kid) USING (kid));

-- aggregates over the frames of 1 windows
CREATE TEMP TABLE p0_share0_tape_values AS
SELECT * FROM (
SELECT qid, w, sum(x0) OVER frame AS b0, count(x0) OVER frame AS b1
FROM p0_share0_tape
WINDOW frame AS (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING)
) WHERE qid IS NOT NULL;

-- aggregates of heavy keys
CREATE TEMP TABLE p0_share0_framed AS
SELECT qid, CASE WHEN NOT (coalesce((a0_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a0_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a0_0 AS BIGINT) END END AS v0, (coalesce((a0_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i0, a1_0 AS v1
FROM (
SELECT f.qid, w0.b0 AS a0_0, coalesce(w0.b1, 0) AS a1_0
FROM p0_share0_frames f
LEFT JOIN p0_share0_tape_values w0 ON w0.qid = f.qid AND w0.w = 'w0'
);

-- maps of heavy keys
CREATE TEMP TABLE p0_share0_whole AS
SELECT qid, CASE WHEN NOT (bool_or(i0)) THEN coalesce(map_from_entries(list_transform(list_sort(list({'rank': rank0, 'item': {'key': x1, 'value': v0}}) FILTER (WHERE x1 IS NOT NULL AND v1 > 0 AND rank0 <= 5)), lambda one: one.item)), CAST(MAP {} AS MAP(VARCHAR, BIGINT))) END AS v0, (bool_or(i0)) AS i0
FROM (
SELECT *, row_number() OVER (PARTITION BY qid ORDER BY x1 IS NOT NULL AND v1 > 0 DESC NULLS LAST, v0 DESC NULLS LAST, x1) AS rank0
FROM (
SELECT q.owner AS qid, k.x1, f.* EXCLUDE (qid) FROM p0_share0_framed f JOIN p0_share0_queries q USING (qid) JOIN p0_share0_keys k USING (kid)
)
)
GROUP BY qid;

-- aggregates and maps of heavy keys
CREATE TEMP TABLE p0_framed AS
SELECT * FROM (SELECT qid FROM p0_queries SEMI JOIN p0_heavy USING (kid))
LEFT JOIN p0_share0_whole USING (qid);

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
  CASE WHEN p0r0.i0 THEN error('PLUMB:INVALID_VALUE:seats_by: an int64 overflow, a failed CAST, or a map of more than 1,000 keys, in rows that a label row needs') ELSE coalesce(p0r0.v0, CAST(MAP {} AS MAP(VARCHAR, BIGINT))) END AS "seats_by"
FROM labels
LEFT JOIN p0_values p0r0 ON p0r0.k0 = l0 AND p0r0.e = ((t - 300000000) - (((t - 300000000) % 3600000000) + 3600000000) % 3600000000);

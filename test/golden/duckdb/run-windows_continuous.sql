-- strategy: windows_continuous: rows of keys with at most 128, partials by hop of the others

-- rows that count
CREATE TEMP TABLE e_rows AS
SELECT * FROM (
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, c3 AS x0, c4 AS x1
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" >= CAST(make_timestamp(1767225599000000::BIGINT) AS TIMESTAMP) AND "ts" <= CAST(make_timestamp(1767830521000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL
)
WHERE ts < 1767830520000000 AND ts >= 1767225600000000;

-- keys, numbered in their order
CREATE TEMP TABLE e_keys AS
SELECT *, CAST(sum(rows) OVER (ORDER BY kid ROWS UNBOUNDED PRECEDING) // 131072 AS BIGINT) AS part FROM (SELECT *, row_number() OVER (ORDER BY k0) AS kid FROM (SELECT k0, count(*) AS rows, max(ts) AS newest, max(created) AS created FROM e_rows GROUP BY k0)) ORDER BY kid;

-- rows of keys with few
CREATE TEMP TABLE e_light AS
SELECT r.* EXCLUDE (k0), kid
FROM e_rows r JOIN (SELECT k0, kid FROM e_keys WHERE rows <= 128) USING (k0) ORDER BY kid;

-- rows of keys with many
CREATE TEMP TABLE e_heavy AS
SELECT r.* EXCLUDE (k0), kid
FROM e_rows r JOIN (SELECT k0, kid FROM e_keys WHERE rows > 128) USING (k0);

-- partials of keys with many rows
CREATE TEMP TABLE e_hops0 AS
SELECT kid, hop, CAST(NULL AS BIGINT) AS p0_0, count(*) FILTER (WHERE true) AS p0_1, CAST(NULL AS BIGINT) AS p1_0, count(x0) AS p1_1, sum(CAST(x0 AS DOUBLE)) AS p1_2, CAST(NULL AS BIGINT) AS p2_0, count(x1) AS p2_1, CAST(sum(x1) AS VARCHAR) AS p2_2, CAST(NULL AS BIGINT) AS p3_0, (arg_min({'ts': ts, 'created': created, 'value': x0}, row(ts, coalesce(created, -9223372036854775808), x0)) FILTER (WHERE x0 IS NOT NULL)).ts AS p3_1, (arg_min({'ts': ts, 'created': created, 'value': x0}, row(ts, coalesce(created, -9223372036854775808), x0)) FILTER (WHERE x0 IS NOT NULL)).created AS p3_2, (arg_min({'ts': ts, 'created': created, 'value': x0}, row(ts, coalesce(created, -9223372036854775808), x0)) FILTER (WHERE x0 IS NOT NULL)).value AS p3_3, CAST(NULL AS BIGINT) AS p4_0, list_transform(arg_max({'ts': ts, 'created': created, 'value': x0}, row(ts, coalesce(created, -9223372036854775808), x0), 3) FILTER (WHERE x0 IS NOT NULL), lambda placed: placed.ts) AS p4_1, list_transform(arg_max({'ts': ts, 'created': created, 'value': x0}, row(ts, coalesce(created, -9223372036854775808), x0), 3) FILTER (WHERE x0 IS NOT NULL), lambda placed: placed.created) AS p4_2, list_transform(arg_max({'ts': ts, 'created': created, 'value': x0}, row(ts, coalesce(created, -9223372036854775808), x0), 3) FILTER (WHERE x0 IS NOT NULL), lambda placed: placed.value) AS p4_3, CAST(NULL AS BIGINT) AS p5_0, list_transform(list(DISTINCT x1) FILTER (WHERE x1 IS NOT NULL), lambda item: item) AS p5_1, list_transform(list(DISTINCT x1) FILTER (WHERE x1 IS NOT NULL), lambda item: hop) AS p5_2
FROM (SELECT *, list_transform([ts % 3600000000], lambda rest: (ts - CASE WHEN rest < 0 THEN rest + 3600000000 ELSE rest END) // 3600000000)[1] AS hop FROM e_heavy)
GROUP BY kid, hop
ORDER BY kid;

-- entries, which are made of these tables
CREATE TEMP TABLE e_made AS
SELECT 0::BIGINT AS kid, NULL::BLOB AS entry LIMIT 0;

-- result
SELECT k0 AS "airport", make_timestamp(CAST(newest AS BIGINT)) AS __event_time, make_timestamp(CAST(NULL AS BIGINT)) AS __created_time, entry AS __entry
FROM e_keys JOIN e_made USING (kid)
ORDER BY k0;

-- read key by key
SELECT min(kid) AS first, max(kid) AS last FROM e_keys GROUP BY part ORDER BY part;
SELECT kid, newest, created FROM e_keys WHERE kid BETWEEN 1 AND 2048 ORDER BY kid;
SELECT kid, ts, created, x0, x1 FROM e_light WHERE kid BETWEEN 1 AND 2048 ORDER BY kid;
SELECT * FROM e_hops0 WHERE kid BETWEEN 1 AND 2048 ORDER BY kid;

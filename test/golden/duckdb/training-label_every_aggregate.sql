-- strategy: label_every_aggregate: join and group for keys with at most 128 × (rows + instants) pairs, frames over sorted rows for heavier ones

-- distinct keys and effective times of the labels
CREATE TEMP TABLE p0_asked AS
SELECT DISTINCT * FROM (
SELECT l0 AS k0, t AS e FROM labels WHERE l0 IS NOT NULL AND t <= 1767744120000000
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
SELECT CAST(c0 AS VARCHAR) AS k0, ts, created AS created, c3 AS x0, c4 AS x1, {'delay': c3, 'seats': c4} AS x2
FROM (
SELECT c0, c1, c2, c3, c4, epoch_us(c1) AS ts, epoch_us(c2) AS created
FROM (
SELECT CAST("airport" AS VARCHAR) AS c0, CASE WHEN epoch_us("ts") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN CAST("ts" AS TIMESTAMP) END AS c1, CASE WHEN epoch_ns("recorded_at") BETWEEN -9223372036854775806 AND 9223372036854775806 THEN make_timestamp(((epoch_ns("recorded_at") - ((epoch_ns("recorded_at") % 1000) + 1000) % 1000) // 1000)) END AS c2, CASE WHEN isfinite(CAST("delay" AS DOUBLE)) THEN CAST("delay" AS DOUBLE) + CAST(0 AS DOUBLE) END AS c3, CAST("seats" AS BIGINT) AS c4
FROM read_parquet(['data/flights.parquet'], hive_partitioning = false)
WHERE "ts" >= CAST(make_timestamp(1767225599000000::BIGINT) AS TIMESTAMP) AND "ts" <= CAST(make_timestamp(1768348921000000::BIGINT) AS TIMESTAMP)
)
)
WHERE ts IS NOT NULL AND c0 IS NOT NULL AND ((c4 > CAST(0 AS BIGINT)))
) r JOIN p0_keys USING (k0)
WHERE ts >= 1767225600000000 AND ts <= 1768348920000000;

-- keys whose pairs would explode
CREATE TEMP TABLE p0_heavy AS
SELECT kid FROM (SELECT kid, count(*) AS n FROM p0_rows GROUP BY kid) JOIN p0_keys USING (kid)
WHERE CAST(n AS DOUBLE) * asked > 128 * CAST(n + asked AS DOUBLE);

-- aggregates of light keys, joined and grouped
CREATE TEMP TABLE p0_grouped AS
SELECT qid, row_ts, a0_0 AS v0, a1_0 AS v1, CASE WHEN isfinite(a2_0) THEN a2_0 + 0.0 END AS v2, CASE WHEN NOT (coalesce((a3_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a3_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a3_0 AS BIGINT) END END AS v3, (coalesce((a3_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i3, CASE WHEN isfinite(a4_0) THEN a4_0 + 0.0 END AS v4, CASE WHEN isfinite(a5_0) THEN a5_0 + 0.0 END AS v5, CASE WHEN a6_1 <= 1e150 THEN CASE WHEN isfinite(a6_0) THEN a6_0 + 0.0 END END AS v6, CASE WHEN a7_1 <= 1e150 THEN CASE WHEN isfinite(a7_0) THEN a7_0 + 0.0 END END AS v7, CASE WHEN a8_1 <= 1e150 THEN CASE WHEN isfinite(a8_0) THEN a8_0 + 0.0 END END AS v8, CASE WHEN a9_1 <= 1e150 THEN CASE WHEN isfinite(a9_0) THEN a9_0 + 0.0 END END AS v9, CASE WHEN a10_1 <= 1e150 THEN CASE WHEN isfinite(a10_0) THEN a10_0 + 0.0 END END AS v10, CASE WHEN a11_1 <= 1e150 THEN CASE WHEN isfinite(a11_0) THEN a11_0 + 0.0 END END AS v11, CASE WHEN a12_1 <= 1e150 THEN CASE WHEN isfinite(a12_0) THEN a12_0 + 0.0 END END AS v12, CASE WHEN a13_1 <= 1e150 THEN CASE WHEN isfinite(a13_0) THEN a13_0 + 0.0 END END AS v13, a14_0 AS v14, a15_0 AS v15, a16_0 AS v16, a17_0 AS v17, a18_0 AS v18, a19_0 AS v19, CASE WHEN a20_1 > 0 THEN a20_0 END AS v20, CASE WHEN a21_1 > 0 THEN a21_0 END AS v21, coalesce(a22_0, CAST([] AS DOUBLE[])) AS v22, coalesce(a23_0, CAST([] AS BIGINT[])) AS v23, a24_0 AS v24, a25_0 AS v25, CASE WHEN a26_0 > 0 THEN CAST(floor(CAST('193635250.58498377' AS DOUBLE) / (16384e0 * list_transform([CAST(16384 - a26_0 AS DOUBLE) / 16384e0], lambda share: list_reduce(list_transform(range(21), lambda step: {'power': share, 'weight': 1e0, 'total': share}), lambda state, step: {'power': state.power * state.power, 'weight': state.weight + state.weight, 'total': state.total + state.power * state.power * state.weight}).total)[1] + (CAST(a26_1 >> 40 AS DOUBLE) * CAST('0.00048828125' AS DOUBLE) + CAST(a26_1 & 1099511627775 AS DOUBLE) * CAST('4.440892098500626e-16' AS DOUBLE))) + 0.5e0) AS BIGINT) ELSE 0 END AS v26, CASE WHEN a27_0 > 0 THEN CAST(floor(CAST('193635250.58498377' AS DOUBLE) / (16384e0 * list_transform([CAST(16384 - a27_0 AS DOUBLE) / 16384e0], lambda share: list_reduce(list_transform(range(21), lambda step: {'power': share, 'weight': 1e0, 'total': share}), lambda state, step: {'power': state.power * state.power, 'weight': state.weight + state.weight, 'total': state.total + state.power * state.power * state.weight}).total)[1] + (CAST(a27_1 >> 40 AS DOUBLE) * CAST('0.00048828125' AS DOUBLE) + CAST(a27_1 & 1099511627775 AS DOUBLE) * CAST('4.440892098500626e-16' AS DOUBLE))) + 0.5e0) AS BIGINT) ELSE 0 END AS v27, CASE WHEN a28_0 = 0 THEN 0e0 ELSE sign(a28_0) * CAST(CAST(CAST(abs(a28_0) - 1 AS BIGINT) * 70368744177664 + 35184372088832 AS BIT) AS DOUBLE) END AS v28, CASE WHEN a29_0 = 0 THEN 0e0 ELSE sign(a29_0) * CAST(CAST(CAST(abs(a29_0) - 1 AS BIGINT) * 70368744177664 + 35184372088832 AS BIT) AS DOUBLE) END AS v29, coalesce(CAST(a30_0 AS BIGINT), 0) AS v30, coalesce(CAST(a31_0 AS BIGINT), 0) AS v31, CAST(a32_0 AS DOUBLE) / CAST(nullif(a32_1, 0) AS DOUBLE) AS v32, CAST(a33_0 AS DOUBLE) / CAST(nullif(a33_1, 0) AS DOUBLE) AS v33, CAST(a34_0 AS BIGINT) AS v34, CAST(a35_0 AS BIGINT) AS v35, CAST(a36_0 AS BIGINT) AS v36, CAST(a37_0 AS BIGINT) AS v37, CAST(a38_0 AS DOUBLE) / CAST(nullif((a38_1 * 1000000), 0) AS DOUBLE) AS v38, CAST(a39_0 AS DOUBLE) / CAST(nullif((a39_1 * 1000000), 0) AS DOUBLE) AS v39, CAST(a40_0 AS DOUBLE) / CAST(nullif(1000000, 0) AS DOUBLE) AS v40, CAST(a41_0 AS DOUBLE) / CAST(nullif(1000000, 0) AS DOUBLE) AS v41, coalesce(CAST(a42_0 AS BIGINT), 0) AS v42, coalesce(CAST(a43_0 AS BIGINT), 0) AS v43, a44_0 AS v44, a45_0 AS v45, CASE WHEN a46_1 > 0 THEN a46_0 END AS v46, CASE WHEN a47_1 > 0 THEN a47_0 END AS v47
FROM (
SELECT qid, max(ts) AS row_ts, count(x0) FILTER (WHERE ts < (e + 86400000000)) AS a0_0, count(x1) FILTER (WHERE ts < (e + 604800000000)) AS a1_0, sum(CAST(x0 AS DOUBLE)) FILTER (WHERE ts < (e + 86400000000)) AS a2_0, sum(x1) FILTER (WHERE ts < (e + 604800000000)) AS a3_0, avg(CAST(x0 AS DOUBLE)) FILTER (WHERE ts < (e + 86400000000)) AS a4_0, avg(x1) FILTER (WHERE ts < (e + 604800000000)) AS a5_0, stddev_pop(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) FILTER (WHERE ts < (e + 86400000000)) AS a6_0, max(abs(CAST(x0 AS DOUBLE))) FILTER (WHERE ts < (e + 86400000000)) AS a6_1, stddev_pop(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) FILTER (WHERE ts < (e + 604800000000)) AS a7_0, max(abs(CAST(x1 AS DOUBLE))) FILTER (WHERE ts < (e + 604800000000)) AS a7_1, stddev_samp(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) FILTER (WHERE ts < (e + 86400000000)) AS a8_0, max(abs(CAST(x0 AS DOUBLE))) FILTER (WHERE ts < (e + 86400000000)) AS a8_1, stddev_samp(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) FILTER (WHERE ts < (e + 604800000000)) AS a9_0, max(abs(CAST(x1 AS DOUBLE))) FILTER (WHERE ts < (e + 604800000000)) AS a9_1, var_pop(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) FILTER (WHERE ts < (e + 86400000000)) AS a10_0, max(abs(CAST(x0 AS DOUBLE))) FILTER (WHERE ts < (e + 86400000000)) AS a10_1, var_pop(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) FILTER (WHERE ts < (e + 604800000000)) AS a11_0, max(abs(CAST(x1 AS DOUBLE))) FILTER (WHERE ts < (e + 604800000000)) AS a11_1, var_samp(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) FILTER (WHERE ts < (e + 86400000000)) AS a12_0, max(abs(CAST(x0 AS DOUBLE))) FILTER (WHERE ts < (e + 86400000000)) AS a12_1, var_samp(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) FILTER (WHERE ts < (e + 604800000000)) AS a13_0, max(abs(CAST(x1 AS DOUBLE))) FILTER (WHERE ts < (e + 604800000000)) AS a13_1, min(x0) FILTER (WHERE ts < (e + 86400000000) AND x0 IS NOT NULL) AS a14_0, min(x1) FILTER (WHERE ts < (e + 604800000000) AND x1 IS NOT NULL) AS a15_0, max(x0) FILTER (WHERE ts < (e + 86400000000) AND x0 IS NOT NULL) AS a16_0, max(x1) FILTER (WHERE ts < (e + 604800000000) AND x1 IS NOT NULL) AS a17_0, arg_min(x0, row(ts, coalesce(created, -9223372036854775808), x0)) FILTER (WHERE ts < (e + 86400000000) AND x0 IS NOT NULL) AS a18_0, arg_min(x1, row(ts, coalesce(created, -9223372036854775808), x1)) FILTER (WHERE ts < (e + 604800000000) AND x1 IS NOT NULL) AS a19_0, arg_max(x0, row(ts, coalesce(created, -9223372036854775808), x0)) FILTER (WHERE ts < (e + 86400000000) AND x0 IS NOT NULL) AS a20_0, count(x0) FILTER (WHERE ts < (e + 86400000000)) AS a20_1, arg_max(x1, row(ts, coalesce(created, -9223372036854775808), x1)) FILTER (WHERE ts < (e + 604800000000) AND x1 IS NOT NULL) AS a21_0, count(x1) FILTER (WHERE ts < (e + 604800000000)) AS a21_1, arg_max(x0, row(ts, coalesce(created, -9223372036854775808), x0), 3) FILTER (WHERE ts < (e + 86400000000) AND x0 IS NOT NULL) AS a22_0, arg_max(x1, row(ts, coalesce(created, -9223372036854775808), x1), 3) FILTER (WHERE ts < (e + 604800000000) AND x1 IS NOT NULL) AS a23_0, count(DISTINCT x0) FILTER (WHERE ts < (e + 86400000000)) AS a24_0, count(DISTINCT x1) FILTER (WHERE ts < (e + 604800000000)) AS a25_0, len(list_transform([list_sort(list_filter(list(DISTINCT CAST(CAST(CAST('0x' || md5(CAST(CAST(CAST(CAST(x0 AS DOUBLE) + 0e0 AS BIT) AS BIGINT) AS VARCHAR))[1:16] AS UBIGINT) >> 50 AS BIGINT) * 64 + least(51, 1073 - (CAST(CAST(CAST(CAST('0x' || md5(CAST(CAST(CAST(CAST(x0 AS DOUBLE) + 0e0 AS BIT) AS BIGINT) AS VARCHAR))[1:16] AS UBIGINT) & 1125899906842623 AS DOUBLE) AS BIT) AS BIGINT) >> 52)) AS INTEGER)) FILTER (WHERE ts < (e + 86400000000) AND x0 IS NOT NULL), lambda entry: entry IS NOT NULL))], lambda sorted: list_transform(list_filter(list_zip(sorted, sorted[2:]), lambda pair: pair[2] IS NULL OR pair[1] >> 6 <> pair[2] >> 6), lambda pair: pair[1]))[1]) AS a26_0, list_sum(list_transform(list_transform([list_sort(list_filter(list(DISTINCT CAST(CAST(CAST('0x' || md5(CAST(CAST(CAST(CAST(x0 AS DOUBLE) + 0e0 AS BIT) AS BIGINT) AS VARCHAR))[1:16] AS UBIGINT) >> 50 AS BIGINT) * 64 + least(51, 1073 - (CAST(CAST(CAST(CAST('0x' || md5(CAST(CAST(CAST(CAST(x0 AS DOUBLE) + 0e0 AS BIT) AS BIGINT) AS VARCHAR))[1:16] AS UBIGINT) & 1125899906842623 AS DOUBLE) AS BIT) AS BIGINT) >> 52)) AS INTEGER)) FILTER (WHERE ts < (e + 86400000000) AND x0 IS NOT NULL), lambda entry: entry IS NOT NULL))], lambda sorted: list_transform(list_filter(list_zip(sorted, sorted[2:]), lambda pair: pair[2] IS NULL OR pair[1] >> 6 <> pair[2] >> 6), lambda pair: pair[1]))[1], lambda entry: CAST(1 AS HUGEINT) << (51 - (entry & 63)))) AS a26_1, len(list_transform([list_sort(list_filter(list(DISTINCT CAST(CAST(CAST('0x' || md5(CAST(x1 AS VARCHAR))[1:16] AS UBIGINT) >> 50 AS BIGINT) * 64 + least(51, 1073 - (CAST(CAST(CAST(CAST('0x' || md5(CAST(x1 AS VARCHAR))[1:16] AS UBIGINT) & 1125899906842623 AS DOUBLE) AS BIT) AS BIGINT) >> 52)) AS INTEGER)) FILTER (WHERE ts < (e + 604800000000) AND x1 IS NOT NULL), lambda entry: entry IS NOT NULL))], lambda sorted: list_transform(list_filter(list_zip(sorted, sorted[2:]), lambda pair: pair[2] IS NULL OR pair[1] >> 6 <> pair[2] >> 6), lambda pair: pair[1]))[1]) AS a27_0, list_sum(list_transform(list_transform([list_sort(list_filter(list(DISTINCT CAST(CAST(CAST('0x' || md5(CAST(x1 AS VARCHAR))[1:16] AS UBIGINT) >> 50 AS BIGINT) * 64 + least(51, 1073 - (CAST(CAST(CAST(CAST('0x' || md5(CAST(x1 AS VARCHAR))[1:16] AS UBIGINT) & 1125899906842623 AS DOUBLE) AS BIT) AS BIGINT) >> 52)) AS INTEGER)) FILTER (WHERE ts < (e + 604800000000) AND x1 IS NOT NULL), lambda entry: entry IS NOT NULL))], lambda sorted: list_transform(list_filter(list_zip(sorted, sorted[2:]), lambda pair: pair[2] IS NULL OR pair[1] >> 6 <> pair[2] >> 6), lambda pair: pair[1]))[1], lambda entry: CAST(1 AS HUGEINT) << (51 - (entry & 63)))) AS a27_1, quantile_disc(CAST(sign(CAST(x0 AS DOUBLE)) * (1 + (CAST(CAST(abs(CAST(x0 AS DOUBLE)) AS BIT) AS BIGINT) >> 46)) AS INTEGER), CAST('0.95' AS DOUBLE)) FILTER (WHERE ts < (e + 86400000000)) AS a28_0, quantile_disc(CAST(sign(CAST(x1 AS DOUBLE)) * (1 + (CAST(CAST(abs(CAST(x1 AS DOUBLE)) AS BIT) AS BIGINT) >> 46)) AS INTEGER), CAST('0.95' AS DOUBLE)) FILTER (WHERE ts < (e + 604800000000)) AS a29_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 86400000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: len(ends))[1])[1] AS a30_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 604800000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: len(ends))[1])[1] AS a31_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 86400000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: len(t))[1])[1] AS a32_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 86400000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: len(ends))[1])[1] AS a32_1, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 604800000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: len(t))[1])[1] AS a33_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 604800000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: len(ends))[1])[1] AS a33_1, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 86400000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: greatest(ends[1], list_max(list_transform(list_zip(ends, ends[2:], true), lambda two: two[2] - two[1]))))[1])[1] AS a34_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 604800000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: greatest(ends[1], list_max(list_transform(list_zip(ends, ends[2:], true), lambda two: two[2] - two[1]))))[1])[1] AS a35_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 86400000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: len(t) - coalesce(ends[-2], 0))[1])[1] AS a36_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 604800000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: len(t) - coalesce(ends[-2], 0))[1])[1] AS a37_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 86400000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: list_sum(list_transform(list_zip(t, t[2:]), lambda two: CASE WHEN two[2] - two[1] <= 3600000000 THEN two[2] - two[1] ELSE 0 END)))[1])[1] AS a38_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 86400000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: len(ends))[1])[1] AS a38_1, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 604800000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: list_sum(list_transform(list_zip(t, t[2:]), lambda two: CASE WHEN two[2] - two[1] <= 3600000000 THEN two[2] - two[1] ELSE 0 END)))[1])[1] AS a39_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 604800000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: len(ends))[1])[1] AS a39_1, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 86400000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: t[-1] - t[coalesce(ends[-2], 0) + 1])[1])[1] AS a40_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 604800000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: t[-1] - t[coalesce(ends[-2], 0) + 1])[1])[1] AS a41_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 86400000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: CASE WHEN (any_value(e) + 86400000000) - t[-1] <= 3600000000 THEN len(t) - coalesce(ends[-2], 0) END)[1])[1] AS a42_0, list_transform([list_sort(list(ts) FILTER (WHERE ts < (e + 604800000000)))], lambda t: list_transform([list_transform(list_filter(list_zip(t, t[2:], range(1, len(t) + 1)), lambda two: two[2] IS NULL OR two[2] - two[1] > 3600000000), lambda last: last[3])], lambda ends: CASE WHEN (any_value(e) + 604800000000) - t[-1] <= 3600000000 THEN len(t) - coalesce(ends[-2], 0) END)[1])[1] AS a43_0, arg_min(x2, row(ts, coalesce(created, -9223372036854775808), {'p0': (x2)."delay" IS NOT NULL, 'v0': (x2)."delay", 'p1': (x2)."seats" IS NOT NULL, 'v1': (x2)."seats"})) FILTER (WHERE ts < (e + 86400000000) AND x2 IS NOT NULL) AS a44_0, arg_min(x2, row(ts, coalesce(created, -9223372036854775808), {'p0': (x2)."delay" IS NOT NULL, 'v0': (x2)."delay", 'p1': (x2)."seats" IS NOT NULL, 'v1': (x2)."seats"})) FILTER (WHERE ts < (e + 604800000000) AND x2 IS NOT NULL) AS a45_0, arg_max(x2, row(ts, coalesce(created, -9223372036854775808), {'p0': (x2)."delay" IS NOT NULL, 'v0': (x2)."delay", 'p1': (x2)."seats" IS NOT NULL, 'v1': (x2)."seats"})) FILTER (WHERE ts < (e + 86400000000) AND x2 IS NOT NULL) AS a46_0, count(x2) FILTER (WHERE ts < (e + 86400000000)) AS a46_1, arg_max(x2, row(ts, coalesce(created, -9223372036854775808), {'p0': (x2)."delay" IS NOT NULL, 'v0': (x2)."delay", 'p1': (x2)."seats" IS NOT NULL, 'v1': (x2)."seats"})) FILTER (WHERE ts < (e + 604800000000) AND x2 IS NOT NULL) AS a47_0, count(x2) FILTER (WHERE ts < (e + 604800000000)) AS a47_1
FROM p0_queries q ANTI JOIN p0_heavy USING (kid) JOIN p0_rows USING (kid)
WHERE ts < greatest((e + 86400000000), (e + 604800000000)) AND ts >= e
GROUP BY qid
);

-- instants of heavy keys, with the edges of their windows
CREATE TEMP TABLE p0_heavy_queries AS
SELECT qid, kid, e, (e + 86400000000) AS s_w0_end, (e + 604800000000) AS s_w1_end FROM p0_queries SEMI JOIN p0_heavy USING (kid);

-- every window edge, once
CREATE TEMP TABLE p0_marks AS
SELECT kid, e AS ts FROM p0_heavy_queries
UNION
SELECT kid, s_w0_end AS ts FROM p0_heavy_queries
UNION
SELECT kid, s_w1_end AS ts FROM p0_heavy_queries;

-- edges among rows, each with the running totals before it
CREATE TEMP TABLE p0_ranked AS
SELECT *, CAST(coalesce(sum(CASE WHEN is_row = 1 THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS r, CAST(coalesce(sum(CASE WHEN x0 IS NOT NULL THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS c_x0, CAST(coalesce(sum(CASE WHEN x1 IS NOT NULL THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS c_x1, CAST(coalesce(sum(CASE WHEN x2 IS NOT NULL THEN 1e0 ELSE 0e0 END) OVER running, 0) AS BIGINT) AS c_x2, min(x0) FILTER (WHERE x0 IS NOT NULL) OVER tied AS x0_first, min(x1) FILTER (WHERE x1 IS NOT NULL) OVER tied AS x1_first, max(x0) FILTER (WHERE x0 IS NOT NULL) OVER tied AS x0_last, max(x1) FILTER (WHERE x1 IS NOT NULL) OVER tied AS x1_last, list_transform([min({'p0': (x2)."delay" IS NOT NULL, 'v0': (x2)."delay", 'p1': (x2)."seats" IS NOT NULL, 'v1': (x2)."seats"}) FILTER (WHERE x2 IS NOT NULL) OVER tied], lambda k: CASE WHEN k IS NOT NULL THEN {'delay': k.v0, 'seats': k.v1} END)[1] AS x2_first, list_transform([max({'p0': (x2)."delay" IS NOT NULL, 'v0': (x2)."delay", 'p1': (x2)."seats" IS NOT NULL, 'v1': (x2)."seats"}) FILTER (WHERE x2 IS NOT NULL) OVER tied], lambda k: CASE WHEN k IS NOT NULL THEN {'delay': k.v0, 'seats': k.v1} END)[1] AS x2_last
FROM (
SELECT *, 1 AS is_row FROM p0_rows SEMI JOIN p0_heavy USING (kid)
UNION ALL BY NAME
SELECT kid, ts, 0 AS is_row FROM p0_marks
)
WINDOW running AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST ROWS UNBOUNDED PRECEDING), tied AS (PARTITION BY kid ORDER BY ts, is_row, created ASC NULLS FIRST RANGE BETWEEN CURRENT ROW AND CURRENT ROW);

-- totals at the window edges of each instant
CREATE TEMP TABLE p0_frames AS
SELECT qid, q.kid, e.r AS r_e, e.c_x0 AS c_x0_e, e.c_x1 AS c_x1_e, e.c_x2 AS c_x2_e, w0_end.r AS r_w0_end, w0_end.c_x0 AS c_x0_w0_end, w0_end.c_x1 AS c_x1_w0_end, w0_end.c_x2 AS c_x2_w0_end, w1_end.r AS r_w1_end, w1_end.c_x0 AS c_x0_w1_end, w1_end.c_x1 AS c_x1_w1_end, w1_end.c_x2 AS c_x2_w1_end
FROM p0_heavy_queries q
JOIN p0_ranked e ON e.kid = q.kid AND e.ts = q.e AND e.is_row = 0
JOIN p0_ranked w0_end ON w0_end.kid = q.kid AND w0_end.ts = q.s_w0_end AND w0_end.is_row = 0
JOIN p0_ranked w1_end ON w1_end.kid = q.kid AND w1_end.ts = q.s_w1_end AND w1_end.is_row = 0;

-- rows by position, then an entry for each instant and window with its frame
CREATE TEMP TABLE p0_tape AS
SELECT kid, r AS pos, 0 AS o_s, 1 AS o_e, x0, x1 FROM p0_ranked WHERE is_row = 1
UNION ALL BY NAME
SELECT qid, w, kid, pos, pos - r_from - 1 AS o_s, pos - r_to AS o_e FROM (SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (
SELECT qid, 'w0' AS w, kid, r_e AS r_from, r_w0_end AS r_to FROM p0_frames WHERE r_e < r_w0_end
UNION ALL
SELECT qid, 'w1' AS w, kid, r_e AS r_from, r_w1_end AS r_to FROM p0_frames WHERE r_e < r_w1_end
) JOIN (SELECT kid, max(r) AS n FROM p0_ranked GROUP BY kid) USING (kid));

-- aggregates over the frames of 2 windows
CREATE TEMP TABLE p0_tape_values AS
SELECT * FROM (
SELECT qid, w, count(x0) OVER frame AS b0, count(x1) OVER frame AS b1, sum(CAST(x0 AS DOUBLE)) OVER frame AS b2, sum(x1) OVER frame AS b3, stddev_pop(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) OVER frame AS b4, max(abs(CAST(x0 AS DOUBLE))) OVER frame AS b5, stddev_pop(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) OVER frame AS b6, max(abs(CAST(x1 AS DOUBLE))) OVER frame AS b7, stddev_samp(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) OVER frame AS b8, stddev_samp(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) OVER frame AS b9, var_pop(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) OVER frame AS b10, var_pop(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) OVER frame AS b11, var_samp(CASE WHEN abs(CAST(x0 AS DOUBLE)) <= 1e150 THEN CAST(x0 AS DOUBLE) END) OVER frame AS b12, var_samp(CASE WHEN abs(CAST(x1 AS DOUBLE)) <= 1e150 THEN CAST(x1 AS DOUBLE) END) OVER frame AS b13, arg_min(x0, x0) OVER frame AS b14, arg_min(x1, x1) OVER frame AS b15, arg_max(x0, x0) OVER frame AS b16, arg_max(x1, x1) OVER frame AS b17, count(DISTINCT x0) OVER frame AS b18, count(DISTINCT x1) OVER frame AS b19, quantile_disc(CAST(sign(CAST(x0 AS DOUBLE)) * (1 + (CAST(CAST(abs(CAST(x0 AS DOUBLE)) AS BIT) AS BIGINT) >> 46)) AS INTEGER), CAST('0.95' AS DOUBLE)) OVER frame AS b20, quantile_disc(CAST(sign(CAST(x1 AS DOUBLE)) * (1 + (CAST(CAST(abs(CAST(x1 AS DOUBLE)) AS BIT) AS BIGINT) >> 46)) AS INTEGER), CAST('0.95' AS DOUBLE)) OVER frame AS b21
FROM p0_tape
WINDOW frame AS (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING)
) WHERE qid IS NOT NULL;

-- non-null values, numbered in row order
CREATE TEMP TABLE p0_items_x0 AS
SELECT kid, x0 AS x, row_number() OVER (PARTITION BY kid ORDER BY ts, created ASC NULLS FIRST, x0) AS c FROM p0_ranked WHERE is_row = 1 AND x0 IS NOT NULL;

-- the last 3 values of each instant
CREATE TEMP TABLE p0_list_22 AS
SELECT qid, list_transform(list_sort(list({'rank': -c, 'item': x})), lambda one: one.item) AS a FROM (
SELECT qid, kid, unnest(range(greatest(c_x0_e, c_x0_w0_end - 3) + 1, c_x0_w0_end + 1)) AS c FROM p0_frames
) JOIN p0_items_x0 USING (kid, c) GROUP BY qid;

-- non-null values, numbered in row order
CREATE TEMP TABLE p0_items_x1 AS
SELECT kid, x1 AS x, row_number() OVER (PARTITION BY kid ORDER BY ts, created ASC NULLS FIRST, x1) AS c FROM p0_ranked WHERE is_row = 1 AND x1 IS NOT NULL;

-- the last 3 values of each instant
CREATE TEMP TABLE p0_list_23 AS
SELECT qid, list_transform(list_sort(list({'rank': -c, 'item': x})), lambda one: one.item) AS a FROM (
SELECT qid, kid, unnest(range(greatest(c_x1_e, c_x1_w1_end - 3) + 1, c_x1_w1_end + 1)) AS c FROM p0_frames
) JOIN p0_items_x1 USING (kid, c) GROUP BY qid;

-- index and rank of each value, and how many entries there are up to it
CREATE TEMP TABLE p0_ranks_x0 AS
SELECT *, CAST(sum(rank) OVER (PARTITION BY kid ORDER BY c) AS BIGINT) AS upto FROM (
SELECT kid, c, entry >> 6 AS index, entry & 63 AS rank FROM (SELECT kid, c_x0 AS c, CAST(CAST(CAST('0x' || md5(CAST(CAST(CAST(CAST(x0 AS DOUBLE) + 0e0 AS BIT) AS BIGINT) AS VARCHAR))[1:16] AS UBIGINT) >> 50 AS BIGINT) * 64 + least(51, 1073 - (CAST(CAST(CAST(CAST('0x' || md5(CAST(CAST(CAST(CAST(x0 AS DOUBLE) + 0e0 AS BIT) AS BIGINT) AS VARCHAR))[1:16] AS UBIGINT) & 1125899906842623 AS DOUBLE) AS BIT) AS BIGINT) >> 52)) AS INTEGER) AS entry FROM p0_ranked WHERE is_row = 1 AND x0 IS NOT NULL)
);

-- what the sketch of each instant is estimated from
CREATE TEMP TABLE p0_sketch_26 AS
SELECT qid, CAST((total >> 105) AS BIGINT) AS known, ((total >> 105) << 50) - ((total >> 40) & 36893488147419103231) AS scaled FROM (
SELECT qid, sum(DISTINCT pair) OVER (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING) AS total FROM (
SELECT kid, upto - rank + k AS pos, CAST(index * 64 + k AS HUGEINT) + CASE WHEN k = 1 THEN CAST(1 AS HUGEINT) << 105 ELSE CAST(1 AS HUGEINT) << (91 - k) END AS pair, 0 AS o_s, 1 AS o_e FROM (SELECT *, unnest(range(1, rank + 1)) AS k FROM p0_ranks_x0)
UNION ALL BY NAME
SELECT qid, kid, pos, pos - low - 1 AS o_s, pos - high AS o_e FROM (
SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (
SELECT f.qid, f.kid, coalesce(low.upto, 0) AS low, high.upto AS high FROM p0_frames f LEFT JOIN p0_ranks_x0 low ON low.kid = f.kid AND low.c = f.c_x0_e LEFT JOIN p0_ranks_x0 high ON high.kid = f.kid AND high.c = f.c_x0_w0_end WHERE f.c_x0_e < f.c_x0_w0_end
) JOIN (SELECT kid, max(upto) AS n FROM p0_ranks_x0 GROUP BY kid) USING (kid)
)
)
) WHERE qid IS NOT NULL;

-- index and rank of each value, and how many entries there are up to it
CREATE TEMP TABLE p0_ranks_x1 AS
SELECT *, CAST(sum(rank) OVER (PARTITION BY kid ORDER BY c) AS BIGINT) AS upto FROM (
SELECT kid, c, entry >> 6 AS index, entry & 63 AS rank FROM (SELECT kid, c_x1 AS c, CAST(CAST(CAST('0x' || md5(CAST(x1 AS VARCHAR))[1:16] AS UBIGINT) >> 50 AS BIGINT) * 64 + least(51, 1073 - (CAST(CAST(CAST(CAST('0x' || md5(CAST(x1 AS VARCHAR))[1:16] AS UBIGINT) & 1125899906842623 AS DOUBLE) AS BIT) AS BIGINT) >> 52)) AS INTEGER) AS entry FROM p0_ranked WHERE is_row = 1 AND x1 IS NOT NULL)
);

-- what the sketch of each instant is estimated from
CREATE TEMP TABLE p0_sketch_27 AS
SELECT qid, CAST((total >> 105) AS BIGINT) AS known, ((total >> 105) << 50) - ((total >> 40) & 36893488147419103231) AS scaled FROM (
SELECT qid, sum(DISTINCT pair) OVER (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING) AS total FROM (
SELECT kid, upto - rank + k AS pos, CAST(index * 64 + k AS HUGEINT) + CASE WHEN k = 1 THEN CAST(1 AS HUGEINT) << 105 ELSE CAST(1 AS HUGEINT) << (91 - k) END AS pair, 0 AS o_s, 1 AS o_e FROM (SELECT *, unnest(range(1, rank + 1)) AS k FROM p0_ranks_x1)
UNION ALL BY NAME
SELECT qid, kid, pos, pos - low - 1 AS o_s, pos - high AS o_e FROM (
SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (
SELECT f.qid, f.kid, coalesce(low.upto, 0) AS low, high.upto AS high FROM p0_frames f LEFT JOIN p0_ranks_x1 low ON low.kid = f.kid AND low.c = f.c_x1_e LEFT JOIN p0_ranks_x1 high ON high.kid = f.kid AND high.c = f.c_x1_w1_end WHERE f.c_x1_e < f.c_x1_w1_end
) JOIN (SELECT kid, max(upto) AS n FROM p0_ranks_x1 GROUP BY kid) USING (kid)
)
)
) WHERE qid IS NOT NULL;

-- rows that count, with the session each is in (at most 3600000000 microseconds apart)
CREATE TEMP TABLE p0_sessions_rows_3600000000 AS
SELECT *, c - first_c + 1 AS size, max(c) OVER (PARTITION BY kid, session) AS last_c
FROM (
SELECT kid, c, ts, count(CASE WHEN starts THEN 1 END) OVER running AS session, sum(CASE WHEN starts THEN 0 ELSE ts - before END) OVER running AS inner_micros, max(CASE WHEN starts THEN c END) OVER running AS first_c, max(CASE WHEN starts THEN ts END) OVER running AS first_ts
FROM (
SELECT *, before IS NULL OR ts - before > 3600000000 AS starts FROM (
SELECT kid, ts, row_number() OVER in_time AS c, lag(ts) OVER in_time AS before FROM p0_ranked WHERE is_row = 1 WINDOW in_time AS (PARTITION BY kid ORDER BY ts)
)
)
WINDOW running AS (PARTITION BY kid ORDER BY c ROWS UNBOUNDED PRECEDING)
);

-- the longest of the sessions behind the first one of each instant
CREATE TEMP TABLE p0_session_most_rows_3600000000_w0 AS
SELECT qid, most FROM (
SELECT qid, max(size) OVER (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING) AS most
FROM (
SELECT kid, c AS pos, 0 AS o_s, 1 AS o_e, size FROM p0_sessions_rows_3600000000
UNION ALL BY NAME
SELECT qid, kid, pos, pos - r_from - 1 AS o_s, pos - r_to AS o_e FROM (SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (
SELECT f.qid, f.kid, a.last_c AS r_from, f.r_w0_end AS r_to FROM p0_frames f JOIN p0_sessions_rows_3600000000 a ON a.kid = f.kid AND a.c = f.r_e + 1 WHERE f.r_w0_end > a.last_c
) JOIN (SELECT kid, max(c) AS n FROM p0_sessions_rows_3600000000 GROUP BY kid) USING (kid))
)
) WHERE qid IS NOT NULL;

-- the longest of the sessions behind the first one of each instant
CREATE TEMP TABLE p0_session_most_rows_3600000000_w1 AS
SELECT qid, most FROM (
SELECT qid, max(size) OVER (PARTITION BY kid ORDER BY pos ROWS BETWEEN o_s PRECEDING AND o_e PRECEDING) AS most
FROM (
SELECT kid, c AS pos, 0 AS o_s, 1 AS o_e, size FROM p0_sessions_rows_3600000000
UNION ALL BY NAME
SELECT qid, kid, pos, pos - r_from - 1 AS o_s, pos - r_to AS o_e FROM (SELECT *, n + row_number() OVER (PARTITION BY kid) AS pos FROM (
SELECT f.qid, f.kid, a.last_c AS r_from, f.r_w1_end AS r_to FROM p0_frames f JOIN p0_sessions_rows_3600000000 a ON a.kid = f.kid AND a.c = f.r_e + 1 WHERE f.r_w1_end > a.last_c
) JOIN (SELECT kid, max(c) AS n FROM p0_sessions_rows_3600000000 GROUP BY kid) USING (kid))
)
) WHERE qid IS NOT NULL;

-- aggregates of heavy keys
CREATE TEMP TABLE p0_framed AS
SELECT qid, a0_0 AS v0, a1_0 AS v1, CASE WHEN isfinite(a2_0) THEN a2_0 + 0.0 END AS v2, CASE WHEN NOT (coalesce((a3_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) THEN CASE WHEN a3_0 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(a3_0 AS BIGINT) END END AS v3, (coalesce((a3_0 NOT BETWEEN -9223372036854775808 AND 9223372036854775807), false)) AS i3, CASE WHEN isfinite(a4_0) THEN a4_0 + 0.0 END AS v4, CASE WHEN isfinite(a5_0) THEN a5_0 + 0.0 END AS v5, CASE WHEN a6_1 <= 1e150 THEN CASE WHEN isfinite(a6_0) THEN a6_0 + 0.0 END END AS v6, CASE WHEN a7_1 <= 1e150 THEN CASE WHEN isfinite(a7_0) THEN a7_0 + 0.0 END END AS v7, CASE WHEN a8_1 <= 1e150 THEN CASE WHEN isfinite(a8_0) THEN a8_0 + 0.0 END END AS v8, CASE WHEN a9_1 <= 1e150 THEN CASE WHEN isfinite(a9_0) THEN a9_0 + 0.0 END END AS v9, CASE WHEN a10_1 <= 1e150 THEN CASE WHEN isfinite(a10_0) THEN a10_0 + 0.0 END END AS v10, CASE WHEN a11_1 <= 1e150 THEN CASE WHEN isfinite(a11_0) THEN a11_0 + 0.0 END END AS v11, CASE WHEN a12_1 <= 1e150 THEN CASE WHEN isfinite(a12_0) THEN a12_0 + 0.0 END END AS v12, CASE WHEN a13_1 <= 1e150 THEN CASE WHEN isfinite(a13_0) THEN a13_0 + 0.0 END END AS v13, a14_0 AS v14, a15_0 AS v15, a16_0 AS v16, a17_0 AS v17, a18_0 AS v18, a19_0 AS v19, CASE WHEN a20_1 > 0 THEN a20_0 END AS v20, CASE WHEN a21_1 > 0 THEN a21_0 END AS v21, coalesce(a22_0, CAST([] AS DOUBLE[])) AS v22, coalesce(a23_0, CAST([] AS BIGINT[])) AS v23, a24_0 AS v24, a25_0 AS v25, CASE WHEN a26_0 > 0 THEN CAST(floor(CAST('193635250.58498377' AS DOUBLE) / (16384e0 * list_transform([CAST(16384 - a26_0 AS DOUBLE) / 16384e0], lambda share: list_reduce(list_transform(range(21), lambda step: {'power': share, 'weight': 1e0, 'total': share}), lambda state, step: {'power': state.power * state.power, 'weight': state.weight + state.weight, 'total': state.total + state.power * state.power * state.weight}).total)[1] + (CAST(a26_1 >> 40 AS DOUBLE) * CAST('0.00048828125' AS DOUBLE) + CAST(a26_1 & 1099511627775 AS DOUBLE) * CAST('4.440892098500626e-16' AS DOUBLE))) + 0.5e0) AS BIGINT) ELSE 0 END AS v26, CASE WHEN a27_0 > 0 THEN CAST(floor(CAST('193635250.58498377' AS DOUBLE) / (16384e0 * list_transform([CAST(16384 - a27_0 AS DOUBLE) / 16384e0], lambda share: list_reduce(list_transform(range(21), lambda step: {'power': share, 'weight': 1e0, 'total': share}), lambda state, step: {'power': state.power * state.power, 'weight': state.weight + state.weight, 'total': state.total + state.power * state.power * state.weight}).total)[1] + (CAST(a27_1 >> 40 AS DOUBLE) * CAST('0.00048828125' AS DOUBLE) + CAST(a27_1 & 1099511627775 AS DOUBLE) * CAST('4.440892098500626e-16' AS DOUBLE))) + 0.5e0) AS BIGINT) ELSE 0 END AS v27, CASE WHEN a28_0 = 0 THEN 0e0 ELSE sign(a28_0) * CAST(CAST(CAST(abs(a28_0) - 1 AS BIGINT) * 70368744177664 + 35184372088832 AS BIT) AS DOUBLE) END AS v28, CASE WHEN a29_0 = 0 THEN 0e0 ELSE sign(a29_0) * CAST(CAST(CAST(abs(a29_0) - 1 AS BIGINT) * 70368744177664 + 35184372088832 AS BIT) AS DOUBLE) END AS v29, coalesce(CAST(a30_0 AS BIGINT), 0) AS v30, coalesce(CAST(a31_0 AS BIGINT), 0) AS v31, CAST(a32_0 AS DOUBLE) / CAST(nullif(a32_1, 0) AS DOUBLE) AS v32, CAST(a33_0 AS DOUBLE) / CAST(nullif(a33_1, 0) AS DOUBLE) AS v33, CAST(a34_0 AS BIGINT) AS v34, CAST(a35_0 AS BIGINT) AS v35, CAST(a36_0 AS BIGINT) AS v36, CAST(a37_0 AS BIGINT) AS v37, CAST(a38_0 AS DOUBLE) / CAST(nullif((a38_1 * 1000000), 0) AS DOUBLE) AS v38, CAST(a39_0 AS DOUBLE) / CAST(nullif((a39_1 * 1000000), 0) AS DOUBLE) AS v39, CAST(a40_0 AS DOUBLE) / CAST(nullif(1000000, 0) AS DOUBLE) AS v40, CAST(a41_0 AS DOUBLE) / CAST(nullif(1000000, 0) AS DOUBLE) AS v41, coalesce(CAST(a42_0 AS BIGINT), 0) AS v42, coalesce(CAST(a43_0 AS BIGINT), 0) AS v43, a44_0 AS v44, a45_0 AS v45, CASE WHEN a46_1 > 0 THEN a46_0 END AS v46, CASE WHEN a47_1 > 0 THEN a47_0 END AS v47
FROM (
SELECT f.qid, coalesce(w0.b0, 0) AS a0_0, coalesce(w1.b1, 0) AS a1_0, w0.b2 AS a2_0, w1.b3 AS a3_0, CAST(w0.b2 AS DOUBLE) / nullif(w0.b0, 0) AS a4_0, CAST(w1.b3 AS DOUBLE) / nullif(w1.b1, 0) AS a5_0, w0.b4 AS a6_0, w0.b5 AS a6_1, w1.b6 AS a7_0, w1.b7 AS a7_1, w0.b8 AS a8_0, w0.b5 AS a8_1, w1.b9 AS a9_0, w1.b7 AS a9_1, w0.b10 AS a10_0, w0.b5 AS a10_1, w1.b11 AS a11_0, w1.b7 AS a11_1, w0.b12 AS a12_0, w0.b5 AS a12_1, w1.b13 AS a13_0, w1.b7 AS a13_1, w0.b14 AS a14_0, w1.b15 AS a15_0, w0.b16 AS a16_0, w1.b17 AS a17_0, first_18.x0_first AS a18_0, first_19.x1_first AS a19_0, last_x0_w0_end.x0_last AS a20_0, f.c_x0_w0_end - f.c_x0_e AS a20_1, last_x1_w1_end.x1_last AS a21_0, f.c_x1_w1_end - f.c_x1_e AS a21_1, list_22.a AS a22_0, list_23.a AS a23_0, coalesce(w0.b18, 0) AS a24_0, coalesce(w1.b19, 0) AS a25_0, sketch_26.known AS a26_0, sketch_26.scaled AS a26_1, sketch_27.known AS a27_0, sketch_27.scaled AS a27_1, w0.b20 AS a28_0, w1.b21 AS a29_0, session_last_rows_3600000000_w0.session - session_first_rows_3600000000_w0.session + 1 AS a30_0, session_last_rows_3600000000_w1.session - session_first_rows_3600000000_w1.session + 1 AS a31_0, CASE WHEN session_last_rows_3600000000_w0.c IS NOT NULL THEN f.r_w0_end - f.r_e END AS a32_0, session_last_rows_3600000000_w0.session - session_first_rows_3600000000_w0.session + 1 AS a32_1, CASE WHEN session_last_rows_3600000000_w1.c IS NOT NULL THEN f.r_w1_end - f.r_e END AS a33_0, session_last_rows_3600000000_w1.session - session_first_rows_3600000000_w1.session + 1 AS a33_1, CASE WHEN session_last_rows_3600000000_w0.c IS NOT NULL THEN greatest(least(session_first_rows_3600000000_w0.last_c, f.r_w0_end) - f.r_e, p0_session_most_rows_3600000000_w0.most) END AS a34_0, CASE WHEN session_last_rows_3600000000_w1.c IS NOT NULL THEN greatest(least(session_first_rows_3600000000_w1.last_c, f.r_w1_end) - f.r_e, p0_session_most_rows_3600000000_w1.most) END AS a35_0, CASE WHEN session_last_rows_3600000000_w0.c IS NOT NULL THEN f.r_w0_end - greatest(session_last_rows_3600000000_w0.first_c, f.r_e + 1) + 1 END AS a36_0, CASE WHEN session_last_rows_3600000000_w1.c IS NOT NULL THEN f.r_w1_end - greatest(session_last_rows_3600000000_w1.first_c, f.r_e + 1) + 1 END AS a37_0, session_last_rows_3600000000_w0.inner_micros - session_first_rows_3600000000_w0.inner_micros AS a38_0, session_last_rows_3600000000_w0.session - session_first_rows_3600000000_w0.session + 1 AS a38_1, session_last_rows_3600000000_w1.inner_micros - session_first_rows_3600000000_w1.inner_micros AS a39_0, session_last_rows_3600000000_w1.session - session_first_rows_3600000000_w1.session + 1 AS a39_1, CASE WHEN session_last_rows_3600000000_w0.c IS NOT NULL THEN session_last_rows_3600000000_w0.ts - greatest(session_last_rows_3600000000_w0.first_ts, session_first_rows_3600000000_w0.ts) END AS a40_0, CASE WHEN session_last_rows_3600000000_w1.c IS NOT NULL THEN session_last_rows_3600000000_w1.ts - greatest(session_last_rows_3600000000_w1.first_ts, session_first_rows_3600000000_w1.ts) END AS a41_0, CASE WHEN instants.s_w0_end - session_last_rows_3600000000_w0.ts <= 3600000000 THEN CASE WHEN session_last_rows_3600000000_w0.c IS NOT NULL THEN f.r_w0_end - greatest(session_last_rows_3600000000_w0.first_c, f.r_e + 1) + 1 END END AS a42_0, CASE WHEN instants.s_w1_end - session_last_rows_3600000000_w1.ts <= 3600000000 THEN CASE WHEN session_last_rows_3600000000_w1.c IS NOT NULL THEN f.r_w1_end - greatest(session_last_rows_3600000000_w1.first_c, f.r_e + 1) + 1 END END AS a43_0, first_44.x2_first AS a44_0, first_45.x2_first AS a45_0, last_x2_w0_end.x2_last AS a46_0, f.c_x2_w0_end - f.c_x2_e AS a46_1, last_x2_w1_end.x2_last AS a47_0, f.c_x2_w1_end - f.c_x2_e AS a47_1
FROM p0_frames f
LEFT JOIN p0_tape_values w0 ON w0.qid = f.qid AND w0.w = 'w0'
LEFT JOIN p0_tape_values w1 ON w1.qid = f.qid AND w1.w = 'w1'
LEFT JOIN p0_ranked first_18 ON first_18.kid = f.kid AND first_18.c_x0 = f.c_x0_e + 1 AND first_18.is_row = 1 AND first_18.x0 IS NOT NULL AND f.c_x0_w0_end > f.c_x0_e
LEFT JOIN p0_ranked first_19 ON first_19.kid = f.kid AND first_19.c_x1 = f.c_x1_e + 1 AND first_19.is_row = 1 AND first_19.x1 IS NOT NULL AND f.c_x1_w1_end > f.c_x1_e
LEFT JOIN p0_ranked last_x0_w0_end ON last_x0_w0_end.kid = f.kid AND last_x0_w0_end.c_x0 = f.c_x0_w0_end AND last_x0_w0_end.is_row = 1 AND last_x0_w0_end.x0 IS NOT NULL
LEFT JOIN p0_ranked last_x1_w1_end ON last_x1_w1_end.kid = f.kid AND last_x1_w1_end.c_x1 = f.c_x1_w1_end AND last_x1_w1_end.is_row = 1 AND last_x1_w1_end.x1 IS NOT NULL
LEFT JOIN p0_list_22 list_22 ON list_22.qid = f.qid
LEFT JOIN p0_list_23 list_23 ON list_23.qid = f.qid
LEFT JOIN p0_sketch_26 sketch_26 ON sketch_26.qid = f.qid
LEFT JOIN p0_sketch_27 sketch_27 ON sketch_27.qid = f.qid
LEFT JOIN p0_sessions_rows_3600000000 session_first_rows_3600000000_w0 ON session_first_rows_3600000000_w0.kid = f.kid AND session_first_rows_3600000000_w0.c = f.r_e + 1 AND f.r_w0_end > f.r_e
LEFT JOIN p0_sessions_rows_3600000000 session_last_rows_3600000000_w0 ON session_last_rows_3600000000_w0.kid = f.kid AND session_last_rows_3600000000_w0.c = f.r_w0_end AND f.r_w0_end > f.r_e
JOIN p0_heavy_queries instants ON instants.qid = f.qid
LEFT JOIN p0_sessions_rows_3600000000 session_first_rows_3600000000_w1 ON session_first_rows_3600000000_w1.kid = f.kid AND session_first_rows_3600000000_w1.c = f.r_e + 1 AND f.r_w1_end > f.r_e
LEFT JOIN p0_sessions_rows_3600000000 session_last_rows_3600000000_w1 ON session_last_rows_3600000000_w1.kid = f.kid AND session_last_rows_3600000000_w1.c = f.r_w1_end AND f.r_w1_end > f.r_e
LEFT JOIN p0_session_most_rows_3600000000_w0 ON p0_session_most_rows_3600000000_w0.qid = f.qid
LEFT JOIN p0_session_most_rows_3600000000_w1 ON p0_session_most_rows_3600000000_w1.qid = f.qid
LEFT JOIN p0_ranked first_44 ON first_44.kid = f.kid AND first_44.c_x2 = f.c_x2_e + 1 AND first_44.is_row = 1 AND first_44.x2 IS NOT NULL AND f.c_x2_w0_end > f.c_x2_e
LEFT JOIN p0_ranked first_45 ON first_45.kid = f.kid AND first_45.c_x2 = f.c_x2_e + 1 AND first_45.is_row = 1 AND first_45.x2 IS NOT NULL AND f.c_x2_w1_end > f.c_x2_e
LEFT JOIN p0_ranked last_x2_w0_end ON last_x2_w0_end.kid = f.kid AND last_x2_w0_end.c_x2 = f.c_x2_w0_end AND last_x2_w0_end.is_row = 1 AND last_x2_w0_end.x2 IS NOT NULL
LEFT JOIN p0_ranked last_x2_w1_end ON last_x2_w1_end.kid = f.kid AND last_x2_w1_end.c_x2 = f.c_x2_w1_end AND last_x2_w1_end.is_row = 1 AND last_x2_w1_end.x2 IS NOT NULL
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
  CASE WHEN t <= 1767744120000000 THEN coalesce(p0r0.v0, CAST(0 AS BIGINT)) END AS "count_1d",
  CASE WHEN t <= 1767225720000000 THEN coalesce(p0r0.v1, CAST(0 AS BIGINT)) END AS "count_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v2 END AS "sum_1d",
  CASE WHEN t <= 1767225720000000 THEN CASE WHEN p0r0.i3 THEN error('PLUMB:INVALID_VALUE:sum_7d: an int64 overflow, a failed CAST, or a map of more than 1,000 keys, in rows that a label row needs') ELSE p0r0.v3 END END AS "sum_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v4 END AS "mean_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v5 END AS "mean_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v6 END AS "stddev_pop_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v7 END AS "stddev_pop_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v8 END AS "stddev_samp_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v9 END AS "stddev_samp_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v10 END AS "var_pop_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v11 END AS "var_pop_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v12 END AS "var_samp_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v13 END AS "var_samp_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v14 END AS "min_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v15 END AS "min_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v16 END AS "max_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v17 END AS "max_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v18 END AS "first_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v19 END AS "first_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v20 END AS "last_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v21 END AS "last_7d",
  CASE WHEN t <= 1767744120000000 THEN coalesce(p0r0.v22, CAST([] AS DOUBLE[])) END AS "last_n_1d",
  CASE WHEN t <= 1767225720000000 THEN coalesce(p0r0.v23, CAST([] AS BIGINT[])) END AS "last_n_7d",
  CASE WHEN t <= 1767744120000000 THEN coalesce(p0r0.v24, CAST(0 AS BIGINT)) END AS "count_distinct_1d",
  CASE WHEN t <= 1767225720000000 THEN coalesce(p0r0.v25, CAST(0 AS BIGINT)) END AS "count_distinct_7d",
  CASE WHEN t <= 1767744120000000 THEN coalesce(p0r0.v26, CAST(0 AS BIGINT)) END AS "approx_count_distinct_1d",
  CASE WHEN t <= 1767225720000000 THEN coalesce(p0r0.v27, CAST(0 AS BIGINT)) END AS "approx_count_distinct_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v28 END AS "approx_percentile_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v29 END AS "approx_percentile_7d",
  CASE WHEN t <= 1767744120000000 THEN coalesce(p0r0.v30, CAST(0 AS BIGINT)) END AS "session_count_1d",
  CASE WHEN t <= 1767225720000000 THEN coalesce(p0r0.v31, CAST(0 AS BIGINT)) END AS "session_count_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v32 END AS "session_events_mean_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v33 END AS "session_events_mean_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v34 END AS "session_events_max_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v35 END AS "session_events_max_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v36 END AS "session_events_last_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v37 END AS "session_events_last_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v38 END AS "session_seconds_mean_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v39 END AS "session_seconds_mean_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v40 END AS "session_seconds_last_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v41 END AS "session_seconds_last_7d",
  CASE WHEN t <= 1767744120000000 THEN coalesce(p0r0.v42, CAST(0 AS BIGINT)) END AS "session_open_events_1d",
  CASE WHEN t <= 1767225720000000 THEN coalesce(p0r0.v43, CAST(0 AS BIGINT)) END AS "session_open_events_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v44 END AS "first_row_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v45 END AS "first_row_7d",
  CASE WHEN t <= 1767744120000000 THEN p0r0.v46 END AS "last_row_1d",
  CASE WHEN t <= 1767225720000000 THEN p0r0.v47 END AS "last_row_7d"
FROM labels
LEFT JOIN p0_values p0r0 ON p0r0.k0 = l0 AND p0r0.e = t;

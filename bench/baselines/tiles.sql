-- Tiles: partial aggregates per key and hop, then merge + exact edges. A window [floor(e - w, hop), e) is
--
--     start            b = floor(e, hop)        e
--       ├── whole tiles ──┤── the edge: running ──┤      aggregates since b, which the last event before e carries
--
-- so each asked (key, b) merges its tiles once, and nothing is recomputed per label. Distinct items of the whole tiles are
-- counted by intervals: an item seen in tile g is in the window of every b in (g, g + w]; overlapping intervals of one item
-- are cut, and a running sum of +1 and -1 over b counts those that are open. In the edge, an event counts where its item
-- was not seen since the start of the window.
-- Reads events/*.parquet and labels.parquet of the current folder; effective(t) is defined by the caller.
SET preserve_insertion_order = false;

CREATE TEMP TABLE asked AS
SELECT *, e - e % 300000000 AS b_5m, e - e % 3600000000 AS b_1h
FROM (SELECT DISTINCT user_id, effective(epoch_us(event_timestamp)) AS e FROM 'labels.parquet');

-- `seen`: when the item was last seen before; 0: never.
CREATE TEMP TABLE events AS
SELECT *, coalesce(lag(ts) OVER (PARTITION BY user_id, item ORDER BY ts), 0) AS seen
FROM (
  SELECT user_id, ts, amount, item, ts - ts % 300000000 AS b_5m, ts - ts % 3600000000 AS b_1h
  FROM (SELECT user_id, epoch_us(ts) AS ts, amount, item FROM 'events/*.parquet')
);

-- Events with what happened since the start of their hop; those of one instant all carry the totals of the instant, and
-- the greatest item.
CREATE TEMP TABLE running AS
SELECT user_id, ts, b_5m, b_1h, max(item) OVER tied AS last,
  count(*) OVER r_5m AS n_5m, count(amount) OVER r_5m AS m_5m, sum(amount) OVER r_5m AS s_5m, min(amount) OVER r_5m AS l_5m,
  count(*) OVER r_1h AS n_1h, count(amount) OVER r_1h AS m_1h, sum(amount) OVER r_1h AS s_1h, min(amount) OVER r_1h AS l_1h,
  sum(CAST(seen < b_5m - 3600000000 AS INTEGER)) OVER r_5m AS d_1h,
  sum(CAST(seen < b_1h - 86400000000 AS INTEGER)) OVER r_1h AS d_1d,
  sum(CAST(seen < b_1h - 604800000000 AS INTEGER)) OVER r_1h AS d_7d
FROM events
WINDOW
  tied AS (PARTITION BY user_id, b_1h ORDER BY ts RANGE BETWEEN CURRENT ROW AND CURRENT ROW),
  r_5m AS (PARTITION BY user_id, b_1h ORDER BY ts RANGE BETWEEN ts - b_5m PRECEDING AND CURRENT ROW),
  r_1h AS (PARTITION BY user_id, b_1h ORDER BY ts RANGE UNBOUNDED PRECEDING);

-- The last event before each instant.
CREATE TEMP TABLE edges AS
SELECT a.user_id, a.e, r.* EXCLUDE (user_id, b_5m, b_1h), r.b_5m = a.b_5m AS in_5m, r.b_1h = a.b_1h AS in_1h
FROM asked a ASOF JOIN running r ON a.user_id = r.user_id AND a.e > r.ts;

DROP TABLE running;

CREATE TEMP TABLE tiles_5m AS
SELECT user_id, b_5m AS g, count(*) AS n, count(amount) AS m, sum(amount) AS s, min(amount) AS l FROM events GROUP BY ALL;

CREATE TEMP TABLE tiles_1h AS
SELECT user_id, b_1h AS g, count(*) AS n, count(amount) AS m, sum(amount) AS s, min(amount) AS l FROM events GROUP BY ALL;

CREATE TEMP TABLE whole_5m AS
SELECT user_id, b_5m, sum(n) AS n_1h, sum(m) AS m_1h, sum(s) AS s_1h, min(l) AS l_1h
FROM (SELECT DISTINCT user_id, b_5m FROM asked) JOIN tiles_5m USING (user_id)
WHERE g >= b_5m - 3600000000 AND g < b_5m
GROUP BY ALL;

CREATE TEMP TABLE whole_1h AS
SELECT user_id, b_1h,
  sum(n) FILTER (WHERE g >= b_1h - 86400000000) AS n_1d, sum(m) FILTER (WHERE g >= b_1h - 86400000000) AS m_1d,
  sum(s) FILTER (WHERE g >= b_1h - 86400000000) AS s_1d, min(l) FILTER (WHERE g >= b_1h - 86400000000) AS l_1d,
  sum(n) AS n_7d, sum(m) AS m_7d, sum(s) AS s_7d, min(l) AS l_7d
FROM (SELECT DISTINCT user_id, b_1h FROM asked) JOIN tiles_1h USING (user_id)
WHERE g >= b_1h - 604800000000 AND g < b_1h
GROUP BY ALL;

-- Distinct items: the first event of an item in its tile makes it enter the window at the next b, unless it is there from
-- an earlier tile, and leave it `width` later.
CREATE MACRO open_items(first_seen, width, hop) AS TABLE
SELECT user_id, b, CAST(sum(sum(d)) OVER (PARTITION BY user_id ORDER BY b) AS BIGINT) AS open
FROM (
  SELECT user_id, greatest(g + hop, seen - seen % hop + width + hop) AS b, 1 AS d FROM query_table(first_seen)
  UNION ALL
  SELECT user_id, g + width + hop AS b, -1 AS d FROM query_table(first_seen)
)
GROUP BY user_id, b;

CREATE TEMP VIEW first_5m AS SELECT user_id, b_5m AS g, seen FROM events WHERE seen < b_5m;
CREATE TEMP VIEW first_1h AS SELECT user_id, b_1h AS g, seen FROM events WHERE seen < b_1h;

CREATE TEMP TABLE distinct_1h AS
SELECT a.user_id, a.b_5m, o.open
FROM (SELECT DISTINCT user_id, b_5m FROM asked) a
ASOF JOIN open_items('first_5m', 3600000000, 300000000) o ON a.user_id = o.user_id AND a.b_5m >= o.b;

CREATE TEMP TABLE distinct_1d AS
SELECT a.user_id, a.b_1h, o.open
FROM (SELECT DISTINCT user_id, b_1h FROM asked) a
ASOF JOIN open_items('first_1h', 86400000000, 3600000000) o ON a.user_id = o.user_id AND a.b_1h >= o.b;

CREATE TEMP TABLE distinct_7d AS
SELECT a.user_id, a.b_1h, o.open
FROM (SELECT DISTINCT user_id, b_1h FROM asked) a
ASOF JOIN open_items('first_1h', 604800000000, 3600000000) o ON a.user_id = o.user_id AND a.b_1h >= o.b;

CREATE MACRO plus(a, b) AS CASE WHEN a IS NULL THEN b WHEN b IS NULL THEN a ELSE a + b END;

CREATE TEMP TABLE features AS
SELECT a.user_id, a.e,
  coalesce(f.n_1h, 0) + coalesce(CASE WHEN in_5m THEN n_5m END, 0) AS count_1h,
  coalesce(h.n_1d, 0) + coalesce(CASE WHEN in_1h THEN r.n_1h END, 0) AS count_1d,
  coalesce(h.n_7d, 0) + coalesce(CASE WHEN in_1h THEN r.n_1h END, 0) AS count_7d,
  plus(f.s_1h, CASE WHEN in_5m THEN s_5m END) AS sum_1h,
  plus(h.s_1d, CASE WHEN in_1h THEN r.s_1h END) AS sum_1d,
  plus(h.s_7d, CASE WHEN in_1h THEN r.s_1h END) AS sum_7d,
  sum_1h / nullif(coalesce(f.m_1h, 0) + coalesce(CASE WHEN in_5m THEN m_5m END, 0), 0) AS mean_1h,
  sum_1d / nullif(coalesce(h.m_1d, 0) + coalesce(CASE WHEN in_1h THEN r.m_1h END, 0), 0) AS mean_1d,
  sum_7d / nullif(coalesce(h.m_7d, 0) + coalesce(CASE WHEN in_1h THEN r.m_1h END, 0), 0) AS mean_7d,
  least(f.l_1h, CASE WHEN in_5m THEN l_5m END) AS min_1h,
  least(h.l_1d, CASE WHEN in_1h THEN r.l_1h END) AS min_1d,
  least(h.l_7d, CASE WHEN in_1h THEN r.l_1h END) AS min_7d,
  CASE WHEN r.ts >= a.b_5m - 3600000000 THEN last END AS last_1h,
  CASE WHEN r.ts >= a.b_1h - 86400000000 THEN last END AS last_1d,
  CASE WHEN r.ts >= a.b_1h - 604800000000 THEN last END AS last_7d,
  coalesce(o.open, 0) + coalesce(CASE WHEN in_5m THEN d_1h END, 0) AS distinct_1h,
  coalesce(p.open, 0) + coalesce(CASE WHEN in_1h THEN d_1d END, 0) AS distinct_1d,
  coalesce(q.open, 0) + coalesce(CASE WHEN in_1h THEN d_7d END, 0) AS distinct_7d
FROM asked a
LEFT JOIN edges r USING (user_id, e)
LEFT JOIN whole_5m f USING (user_id, b_5m)
LEFT JOIN whole_1h h USING (user_id, b_1h)
LEFT JOIN distinct_1h o USING (user_id, b_5m)
LEFT JOIN distinct_1d p USING (user_id, b_1h)
LEFT JOIN distinct_7d q USING (user_id, b_1h);

COPY (
  SELECT l.*, f.* EXCLUDE (user_id, e)
  FROM 'labels.parquet' l
  JOIN features f ON f.user_id = l.user_id AND f.e = effective(epoch_us(l.event_timestamp))
) TO 'tiles.parquet' (FORMAT parquet, COMPRESSION zstd);

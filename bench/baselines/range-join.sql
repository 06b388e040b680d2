-- Range join: every asked (key, instant) is joined with its events of the last seven days; windows are FILTERs.
-- The short query that everybody writes first, and a hard one to beat while keys have few events.
-- Reads events/*.parquet and labels.parquet of the current folder; effective(t) is defined by the caller.
SET preserve_insertion_order = false;

CREATE MACRO start_of(e, width, hop) AS (e - width) - (e - width) % hop;

CREATE TEMP TABLE asked AS
SELECT *, start_of(e, 3600000000, 300000000) AS s_1h, start_of(e, 86400000000, 3600000000) AS s_1d,
  start_of(e, 604800000000, 3600000000) AS s_7d
FROM (SELECT DISTINCT user_id, effective(epoch_us(event_timestamp)) AS e FROM 'labels.parquet');

CREATE TEMP TABLE features AS
SELECT user_id, e,
  count(*) FILTER (WHERE ts >= s_1h) AS count_1h,
  count(*) FILTER (WHERE ts >= s_1d) AS count_1d,
  count(*) AS count_7d,
  sum(amount) FILTER (WHERE ts >= s_1h) AS sum_1h,
  sum(amount) FILTER (WHERE ts >= s_1d) AS sum_1d,
  sum(amount) AS sum_7d,
  avg(amount) FILTER (WHERE ts >= s_1h) AS mean_1h,
  avg(amount) FILTER (WHERE ts >= s_1d) AS mean_1d,
  avg(amount) AS mean_7d,
  min(amount) FILTER (WHERE ts >= s_1h) AS min_1h,
  min(amount) FILTER (WHERE ts >= s_1d) AS min_1d,
  min(amount) AS min_7d,
  -- The last event is the same one for every window that reaches it; ties: the greatest item.
  max(last) AS last,
  count(DISTINCT item) FILTER (WHERE ts >= s_1h) AS distinct_1h,
  count(DISTINCT item) FILTER (WHERE ts >= s_1d) AS distinct_1d,
  count(DISTINCT item) AS distinct_7d
FROM (
  SELECT user_id, e, s_1h, s_1d, ts, amount, item, {'ts': ts, 'item': item} AS last
  FROM asked JOIN (SELECT user_id, epoch_us(ts) AS ts, amount, item FROM 'events/*.parquet') USING (user_id)
  WHERE ts >= s_7d AND ts < e
)
GROUP BY user_id, e;

COPY (
  SELECT l.*,
    coalesce(count_1h, 0) AS count_1h, coalesce(count_1d, 0) AS count_1d, coalesce(count_7d, 0) AS count_7d,
    sum_1h, sum_1d, sum_7d, mean_1h, mean_1d, mean_7d, min_1h, min_1d, min_7d,
    CASE WHEN last.ts >= start_of(e, 3600000000, 300000000) THEN last.item END AS last_1h,
    CASE WHEN last.ts >= start_of(e, 86400000000, 3600000000) THEN last.item END AS last_1d,
    last.item AS last_7d,
    coalesce(distinct_1h, 0) AS distinct_1h, coalesce(distinct_1d, 0) AS distinct_1d, coalesce(distinct_7d, 0) AS distinct_7d
  FROM 'labels.parquet' l
  LEFT JOIN features f ON f.user_id = l.user_id AND f.e = effective(epoch_us(l.event_timestamp))
) TO 'range-join.parquet' (FORMAT parquet, COMPRESSION zstd);

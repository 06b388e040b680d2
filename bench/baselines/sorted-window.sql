-- Sorted window: events and asked instants in one sequence per key; every feature is a window function over it.
-- An instant's frame reaches from the start of its window to just before it; an event's own frame is not used.
-- Reads events/*.parquet and labels.parquet of the current folder; effective(t) is defined by the caller.
SET preserve_insertion_order = false;

CREATE MACRO start_of(e, width, hop) AS (e - width) - (e - width) % hop;

CREATE TEMP TABLE features AS
SELECT user_id, ts AS e,
  count(is_event) OVER w_1h AS count_1h, count(is_event) OVER w_1d AS count_1d, count(is_event) OVER w_7d AS count_7d,
  sum(amount) OVER w_1h AS sum_1h, sum(amount) OVER w_1d AS sum_1d, sum(amount) OVER w_7d AS sum_7d,
  avg(amount) OVER w_1h AS mean_1h, avg(amount) OVER w_1d AS mean_1d, avg(amount) OVER w_7d AS mean_7d,
  min(amount) OVER w_1h AS min_1h, min(amount) OVER w_1d AS min_1d, min(amount) OVER w_7d AS min_7d,
  last_value(greatest_item IGNORE NULLS) OVER w_1h AS last_1h,
  last_value(greatest_item IGNORE NULLS) OVER w_1d AS last_1d,
  last_value(greatest_item IGNORE NULLS) OVER w_7d AS last_7d,
  count(DISTINCT item) OVER w_1h AS distinct_1h,
  count(DISTINCT item) OVER w_1d AS distinct_1d,
  count(DISTINCT item) OVER w_7d AS distinct_7d,
  is_event
FROM (
  -- Ties: events of one instant all carry the greatest item among them.
  SELECT *, max(item) OVER (PARTITION BY user_id, ts) AS greatest_item
  FROM (
    SELECT user_id, epoch_us(ts) AS ts, amount, item, true AS is_event, 1 AS o_1h, 1 AS o_1d, 1 AS o_7d
    FROM 'events/*.parquet'
    UNION ALL BY NAME
    SELECT user_id, e AS ts, e - start_of(e, 3600000000, 300000000) AS o_1h,
      e - start_of(e, 86400000000, 3600000000) AS o_1d, e - start_of(e, 604800000000, 3600000000) AS o_7d
    FROM (SELECT DISTINCT user_id, effective(epoch_us(event_timestamp)) AS e FROM 'labels.parquet')
  )
)
WINDOW
  w_1h AS (PARTITION BY user_id ORDER BY ts RANGE BETWEEN o_1h PRECEDING AND 1 PRECEDING),
  w_1d AS (PARTITION BY user_id ORDER BY ts RANGE BETWEEN o_1d PRECEDING AND 1 PRECEDING),
  w_7d AS (PARTITION BY user_id ORDER BY ts RANGE BETWEEN o_7d PRECEDING AND 1 PRECEDING)
QUALIFY is_event IS NULL;

COPY (
  SELECT l.*, f.* EXCLUDE (user_id, e, is_event)
  FROM 'labels.parquet' l
  JOIN features f ON f.user_id = l.user_id AND f.e = effective(epoch_us(l.event_timestamp))
) TO 'sorted-window.parquet' (FORMAT parquet, COMPRESSION zstd);

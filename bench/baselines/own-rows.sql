-- Features that choose their own rows: dear events of the last seven days, those of the seven days before, and what was spent
-- on each item, the five greatest. Every asked (key, instant) is joined once with its events of fourteen days; conditions and
-- windows are FILTERs, and the map is grouped by item from the same pairs.
-- Reads events/*.parquet and labels.parquet of the current folder; effective(t) is defined by the caller.
SET preserve_insertion_order = false;

CREATE MACRO hour_of(t) AS t - t % 3600000000;

CREATE TEMP TABLE asked AS
SELECT *, hour_of(e - 604800000000) AS middle, hour_of(e - 1209600000000) AS first
FROM (SELECT DISTINCT user_id, effective(epoch_us(event_timestamp)) AS e FROM 'labels.parquet');

CREATE TEMP TABLE events AS SELECT user_id, epoch_us(ts) AS ts, amount, item FROM 'events/*.parquet';

CREATE TEMP TABLE features AS
SELECT user_id, e,
  count(*) FILTER (WHERE ts >= middle AND amount > 50) AS dear_count,
  sum(amount) FILTER (WHERE ts >= middle AND amount > 50) AS dear_sum,
  count(*) FILTER (WHERE ts < middle) AS before_count,
  sum(amount) FILTER (WHERE ts < middle) AS before_sum
FROM asked JOIN events USING (user_id)
WHERE ts >= first AND ts < e
GROUP BY user_id, e;

-- Not `list(… ORDER BY …)`, which takes some 30 kB for each group.
CREATE TEMP TABLE maps AS
SELECT user_id, e, map_from_entries(list_transform(list_sort(list({'rank': rank, 'entry': {'key': item, 'value': total}})),
  lambda one: one.entry)) AS sum_by_item
FROM (
  SELECT *, row_number() OVER (PARTITION BY user_id, e ORDER BY total DESC, item) AS rank
  FROM (
    SELECT user_id, e, CAST(item AS VARCHAR) AS item, sum(amount) AS total
    FROM asked JOIN events USING (user_id)
    WHERE ts >= middle AND ts < e AND item IS NOT NULL AND amount IS NOT NULL
    GROUP BY user_id, e, item
  )
)
WHERE rank <= 5
GROUP BY user_id, e;

COPY (
  SELECT l.*, coalesce(dear_count, 0) AS dear_count, dear_sum, coalesce(before_count, 0) AS before_count, before_sum,
    coalesce(sum_by_item, MAP {}) AS sum_by_item
  FROM 'labels.parquet' l
  LEFT JOIN features f ON f.user_id = l.user_id AND f.e = effective(epoch_us(l.event_timestamp))
  LEFT JOIN maps m ON m.user_id = l.user_id AND m.e = effective(epoch_us(l.event_timestamp))
) TO 'own-rows.parquet' (FORMAT parquet, COMPRESSION zstd);

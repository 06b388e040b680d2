// A file holds what its columns hold: folder names of the form key=value are never data.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { writeParquetFile } from './parquet-file.ts';
import { tempProject } from './project.ts';

const COLUMNS = { user_id: 'string', ts: 'timestamp', country: 'string' };

const definitions = (format: string): string => `
entities:
  - { name: user, joinKeys: [{ name: user_id, type: string }] }
sources:
  - name: people
    kind: batch
    path: "country=EU/user_id=zed/ts=2026-01-02/*.${format}"
    format: ${format}
    timestampColumn: ts
    columns: ${JSON.stringify(COLUMNS)}
featureViews:
  - { name: person, kind: row, entities: [user], source: people, features: [{ name: country, type: string }] }
featureServices:
  - { name: all, features: ["person:*"] }
`;

const TEXTS = {
  csv: 'user_id,ts,country\nada,2026-01-02T15:30:00Z,DE\n',
  jsonl: '{"user_id":"ada","ts":"2026-01-02T15:30:00Z","country":"DE"}\n',
};

const LABELS = {
  csv: 'user_id,event_timestamp,label\nada,2026-01-02T12:00:00Z,1\nada,2026-01-02T16:00:00Z,2\n',
  jsonl:
    '{"user_id":"ada","event_timestamp":"2026-01-02T12:00:00Z","label":1}\n' +
    '{"user_id":"ada","event_timestamp":"2026-01-02T16:00:00Z","label":2}\n',
};

for (const format of ['parquet', 'csv', 'jsonl'] as const) {
  test(`folders called key=value do not change what ${format} sources, labels and training sets hold`, async () => {
    const project = await tempProject({
      'plumb.yaml': 'project: people\nonline: { kind: lmdb }\nstorage: country=FR/user_id=bob\n',
      'features/people.yaml': definitions(format),
    });
    const source = `country=EU/user_id=zed/ts=2026-01-02/a.${format}`;
    const labels = `split=train/label=9/labels.${format}`;
    if (format === 'parquet') {
      for (const file of [source, labels]) await mkdir(dirname(join(project.folder, file)), { recursive: true });
      const at = (hour: string) => `TIMESTAMP '2026-01-02 ${hour}:00'`;
      await writeParquetFile(
        join(project.folder, source),
        `SELECT 'ada' AS user_id, ${at('15:30')} AS ts, 'DE' AS country`,
      );
      await writeParquetFile(
        join(project.folder, labels),
        `SELECT * FROM (VALUES ('ada', ${at('12:00')}, 1), ('ada', ${at('16:00')}, 2)) t(user_id, event_timestamp, label)`,
      );
    } else {
      await project.write(source, TEXTS[format]);
      await project.write(labels, LABELS[format]);
    }
    for (const argv of [
      ['apply'],
      ['materialize', '--until', '2026-01-03T00:00:00Z'],
      ['dataset', 'create', '--service', 'all', '--labels', labels, '--out', 'country=IT/label=8/out.jsonl'],
    ]) {
      if (argv.includes('--out')) await mkdir(join(project.folder, 'country=IT/label=8'), { recursive: true });
      const { code, err } = await project.plumb(...argv);
      assert.equal(code, 0, err);
    }
    const rows = (await project.read('country=IT/label=8/out.jsonl')).trim().split('\n');
    const features = rows.map((row) => {
      const { event_timestamp, ...rest } = JSON.parse(row) as Record<string, unknown>;
      return { ...rest, hour: String(event_timestamp).slice(11, 13) };
    });
    assert.deepEqual(features, [
      { user_id: 'ada', label: 1, person__country: null, hour: '12' },
      { user_id: 'ada', label: 2, person__country: 'DE', hour: '16' },
    ]);
    const { document } = await project.json('get', '--service', 'all', '--entity', '{"user_id":"ada"}');
    assert.equal((document.rows as unknown[][])[0]?.at(-1), 'DE', JSON.stringify(document));
  });
}

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileUri } from '../location.ts';
import { FileSourceFiles } from './file-source-files.ts';

describe('source files', () => {
  let base: string;
  let project: string;
  let files: FileSourceFiles;

  before(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'plumb-sources-')));
    project = join(base, 'project');
    files = new FileSourceFiles(project);
    const names = [
      'data/b.csv',
      'data/a.csv',
      'data/B.csv',
      'data/.hidden.csv',
      'data/x[1].csv',
      'data/deep/er/c.csv',
      'data/\u{1F600}.csv',
      'data/\uFF5E.csv',
      '.dot/d.csv',
      '../beside/e.csv',
    ];
    for (const folder of ['data/deep/er', '.dot', '../beside', 'data/folder.csv'])
      await mkdir(join(project, folder), { recursive: true });
    for (const name of names) await writeFile(join(project, name), name);
    await symlink(join(base, 'beside/e.csv'), join(project, 'data/link.txt'));
    await symlink(join(base, 'nowhere'), join(project, 'data/broken.csv'));
  });
  after(() => rm(base, { recursive: true }));

  const listed = async (path: string) => (await files.list(path)).map((file) => file.path);

  for (const [pattern, expected] of [
    ['data/a.csv', ['data/a.csv']],
    ['./data/../data/a.csv', ['data/a.csv']],
    [
      'data/*.csv',
      ['data/B.csv', 'data/a.csv', 'data/b.csv', 'data/x[1].csv', 'data/\uFF5E.csv', 'data/\u{1F600}.csv'],
    ],
    ['data/[ab].csv', ['data/a.csv', 'data/b.csv']],
    ['data/{b,a,a}.csv', ['data/a.csv', 'data/b.csv']],
    ['data/?.csv', ['data/B.csv', 'data/a.csv', 'data/b.csv', 'data/\uFF5E.csv']],
    ['data/**/c.csv', ['data/deep/er/c.csv']],
    ['**/[ac].csv', ['data/a.csv', 'data/deep/er/c.csv']],
    ['data/x[1].csv', ['data/x[1].csv']],
    ['.dot/*.csv', ['.dot/d.csv']],
    ['data/.*.csv', ['data/.hidden.csv']],
    ['../beside/*', ['../beside/e.csv']],
    ['data/broken.csv', []],
    ['data/folder.csv', []],
    ['data/a.csv/*', []],
    ['nowhere/*.csv', []],
  ] as const) {
    it(`lists ${pattern}`, async () => assert.deepEqual(await listed(pattern), expected));
  }

  it('lists absolute paths relative to the project where they lie in it', async () => {
    assert.deepEqual(await listed(join(project, 'data/[ab].csv')), ['data/a.csv', 'data/b.csv']);
    assert.deepEqual(await listed(join(base, 'beside/*.csv')), [join(base, 'beside/e.csv')]);
  });

  it('gives the URI of the real file, the size, and an identity that follows the content', async () => {
    const [link] = await files.list('data/link.txt');
    assert.equal(link?.uri, fileUri(join(base, 'beside/e.csv')));
    assert.equal(link?.sizeBytes, '../beside/e.csv'.length);
    const [before] = await files.list('data/a.csv');
    assert.equal((await files.list('data/a.csv'))[0]?.identity, before?.identity);
    await utimes(join(project, 'data/a.csv'), 1, 1);
    assert.notEqual((await files.list('data/a.csv'))[0]?.identity, before?.identity);
  });

  it('explains why nothing matches', async () => {
    for (const [path, sentence] of [
      ['data', 'found the folder data, expected a file or a glob such as data/*.parquet'],
      ['data/', 'found the folder data/, expected a file or a glob such as data/*.parquet'],
      ['data/*.parquet', 'no file matches data/*.parquet'],
      ['data/none.csv', 'there is no file data/none.csv'],
      ['none.csv', 'there is no file none.csv'],
      ['dta/*.csv', 'the folder dta does not exist (relative paths start at the folder of the project file)'],
    ] as const) {
      assert.equal(await files.explainEmpty(path), sentence);
    }
  });

  it('refuses other storages for now', async () => {
    await assert.rejects(() => files.list('s3://bucket/x/*.parquet'), {
      code: 'NOT_SUPPORTED',
      message: /s3:\/\/bucket/,
    });
  });
});

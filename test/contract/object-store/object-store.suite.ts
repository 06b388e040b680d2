// The contract of every ObjectStore adapter. A subject names a fresh, empty storage and a module that other processes
// open the same storage with.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PlumbError } from '../../../schemas/errors.ts';
import type { ObjectStore } from '../../../src/storage/object-store.ts';

export interface ObjectStoreSubject {
  readonly kind: string;
  /** What `child.ts` is told, so that it opens the same storage. */
  readonly location: string;
  readonly store: ObjectStore;
}

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
const BIG = 24 * 1024 * 1024;

export function objectStoreSuite(
  kind: string,
  open: () => Promise<ObjectStoreSubject>,
  discard: (location: string) => Promise<void>,
): void {
  describe(`${kind} object store`, () => {
    let subject: ObjectStoreSubject;
    let store: ObjectStore;
    before(async () => {
      subject = await open();
      store = subject.store;
    });
    after(async () => {
      await store[Symbol.asyncDispose]();
      await discard(subject.location);
    });

    describe('objects', () => objectTests(() => store));
    describe('keys', () => keyTests(() => store));
    describe('local files', () => localFileTests(() => store));
    describe('several processes', () => processTests(() => subject));
  });
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | null): string | null =>
  content === null ? null : new TextDecoder().decode(content);
const refused = (code: string) => (error: unknown) => error instanceof PlumbError && error.code === code;
const keysUnder = async (store: ObjectStore, prefix: string) => (await store.list(prefix)).map(({ key }) => key);

function objectTests(store: () => ObjectStore): void {
  it('answers null for what is absent, also below an object', async () => {
    await store().put('absent/a', bytes('x'));
    assert.equal(await store().get('absent/b'), null);
    assert.equal(await store().get('nowhere/at/all'), null);
    assert.equal(await store().get('absent'), null);
  });

  it('gives back what was put, the empty object too, and replaces it', async () => {
    await store().put('objects/one', bytes('first'));
    await store().put('objects/one', bytes('second'));
    await store().put('objects/empty', new Uint8Array());
    assert.equal(text(await store().get('objects/one')), 'second');
    assert.equal((await store().get('objects/empty'))?.byteLength, 0);
  });

  it('creates only what is absent', async () => {
    assert.equal(await store().putIfAbsent('objects/created', bytes('mine')), true);
    assert.equal(await store().putIfAbsent('objects/created', bytes('theirs')), false);
    assert.equal(text(await store().get('objects/created')), 'mine');
  });

  it('creates again what was deleted; deleting what is absent is no error', async () => {
    await store().putIfAbsent('objects/gone', bytes('1'));
    await store().delete(['objects/gone', 'objects/never-there', 'nowhere/x']);
    assert.equal(await store().get('objects/gone'), null);
    assert.equal(await store().putIfAbsent('objects/gone', bytes('2')), true);
  });

  it('keeps a big object whole', async () => {
    const content = Buffer.alloc(BIG, 'plumb');
    await store().put('objects/big', content);
    const read = await store().get('objects/big');
    assert.equal(
      createHash('sha256')
        .update(read as Uint8Array)
        .digest('hex'),
      createHash('sha256').update(content).digest('hex'),
    );
  });

  it('reads a range of an object, both ends included, and says where it ends too early', async () => {
    await store().put('ranges/x', bytes('0123456789'));
    const read = async (first: number, last: number): Promise<string | null> => {
      const stream = await store().readRange('ranges/x', { first, last });
      return stream === null ? null : Buffer.concat(await stream.toArray()).toString();
    };
    assert.deepEqual(
      [await read(0, 9), await read(0, 0), await read(3, 5), await read(9, 9)],
      ['0123456789', '0', '345', '9'],
    );
    await assert.rejects(() => read(0, 10), refused('STORAGE_CORRUPT'));
    assert.equal(await store().readRange('ranges/absent', { first: 0, last: 0 }), null);
    const unread = await store().readRange('ranges/x', { first: 0, last: 9 });
    unread?.destroy();
    await once(unread as NonNullable<typeof unread>, 'close');
  });

  it('lists in byte order, with sizes, only what lies under the prefix', async () => {
    const names = ['b', 'a/z', 'a.txt', 'a/b/c', 'a-b', 'é', '\u{1F600}', '\uFF5E', 'B'];
    for (const name of names) await store().put(`listed/${name}`, bytes(name));
    await store().put('listed2/x', bytes('x'));
    const listed = await store().list('listed/');
    const expected = names
      .map((name) => `listed/${name}`)
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(
      listed.map(({ key }) => key),
      expected,
    );
    assert.equal(listed.find(({ key }) => key === 'listed/a.txt')?.sizeBytes, 5);
    assert.deepEqual(await keysUnder(store(), 'listed/a/'), ['listed/a/b/c', 'listed/a/z']);
    assert.deepEqual(await keysUnder(store(), 'no-such-folder/'), []);
    assert.ok((await keysUnder(store(), '')).includes('listed2/x'));
  });

  it('tells when an object was last written', async () => {
    await store().put('modified/x', bytes('1'));
    const [first] = await store().list('modified/');
    const ageMillis = Date.now() - (first?.modifiedAtMillis ?? 0);
    assert.ok(Math.abs(ageMillis) < 60_000, `written ${ageMillis} ms ago`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await store().put('modified/x', bytes('2'));
    const [second] = await store().list('modified/');
    assert.ok((second?.modifiedAtMillis ?? 0) >= (first?.modifiedAtMillis ?? 0));
  });

  it('changes the identity when the content changes, also at the same size', async () => {
    await store().put('identity/x', bytes('1'));
    const [first] = await store().list('identity/');
    await store().put('identity/x', bytes('2'));
    const [second] = await store().list('identity/');
    assert.notEqual(first?.identity, second?.identity);
    assert.equal((await store().list('identity/'))[0]?.identity, second?.identity);
  });
}

function keyTests(store: () => ObjectStore): void {
  const wrong = [
    '',
    '/',
    '/abs',
    'a//b',
    'a/',
    '.',
    '..',
    '../x',
    'a/../b',
    'a/..',
    './a',
    'a/./b',
    'a\0b',
    'a\\b',
    'tmp/x',
    'work/x',
    'online/x',
    `a/${'x'.repeat(256)}`,
    'x/'.repeat(500),
    'a\uD800',
  ];
  for (const key of wrong) {
    it(`refuses ${JSON.stringify(key.slice(0, 20))} everywhere`, async () => {
      const attempts: readonly (() => Promise<unknown>)[] = [
        () => store().get(key),
        () => store().readRange(key, { first: 0, last: 0 }),
        () => store().put(key, bytes('x')),
        () => store().putIfAbsent(key, bytes('x')),
        () => store().delete([key]),
        () => store().localPath(key),
        () => store().adopt([{ localPath: CHILD, key }]),
      ];
      for (const attempt of attempts) await assert.rejects(attempt, refused('INVALID_REQUEST'));
      assert.ok((await stat(CHILD)).isFile());
    });
  }

  it('refuses prefixes that are no folder', async () => {
    for (const prefix of ['a', '/', '../', 'a/../', '/a/', 'a//']) {
      await assert.rejects(() => store().list(prefix), refused('INVALID_REQUEST'), prefix);
    }
  });

  it('takes spaces, dots, quotes and other scripts', async () => {
    for (const key of [
      'k/with space',
      'k/..dots..',
      'k/it\'s "q"',
      'k/ключ',
      'k/%2e%2e',
      'k/*?[x]',
      `k/${'x'.repeat(255)}`,
    ]) {
      await store().put(key, bytes(key));
      assert.equal(text(await store().get(key)), key);
      assert.ok((await keysUnder(store(), 'k/')).includes(key));
    }
  });
}

function localFileTests(store: () => ObjectStore): void {
  it('adopts finished files and hands out a local file with the content', async () => {
    const folder = await store().workFolder();
    const files = ['one', 'two'].map((name) => ({ localPath: join(folder, name), key: `adopted/part-${name}` }));
    for (const { localPath } of files) await writeFile(localPath, `content of ${localPath}`);
    await store().adopt(files);
    for (const { localPath, key } of files) {
      assert.equal(await readFile(await store().localPath(key), 'utf8'), `content of ${localPath}`);
      assert.equal(text(await store().get(key)), `content of ${localPath}`);
      await assert.rejects(() => stat(localPath), { code: 'ENOENT' });
    }
    await rm(folder, { recursive: true });
  });

  it('adopts from another folder of the machine', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plumb-adopt-'));
    await writeFile(join(folder, 'x'), 'from elsewhere');
    await store().adopt([{ localPath: join(folder, 'x'), key: 'adopted/elsewhere' }]);
    assert.equal(text(await store().get('adopted/elsewhere')), 'from elsewhere');
    await rm(folder, { recursive: true });
  });

  it('hands out fresh work folders that no listing shows', async () => {
    const [one, two] = [await store().workFolder(), await store().workFolder()];
    assert.notEqual(one, two);
    await writeFile(join(one, 'unfinished'), 'x');
    assert.ok((await keysUnder(store(), '')).every((key) => !key.includes('unfinished')));
    for (const folder of [one, two]) await rm(folder, { recursive: true });
  });

  it('says which object is missing', async () => {
    await assert.rejects(() => store().localPath('adopted/missing'), refused('STORAGE_CORRUPT'));
  });
}

function processTests(subject: () => ObjectStoreSubject): void {
  const start = (task: string, env: NodeJS.ProcessEnv = {}): ChildProcess => {
    const { kind, location } = subject();
    const child = spawn(process.execPath, [CHILD, kind, location, task], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    after(() => child.kill('SIGKILL'));
    return child;
  };

  it('lets exactly one of 100 concurrent creators in 4 processes win each of 20 keys', async () => {
    const children = Array.from({ length: 4 }, () => start('race'));
    await Promise.all(children.map((child) => once(child.stdout as NodeJS.ReadableStream, 'data')));
    const answers = children.map(async (child) => {
      const said = child.stdout?.toArray() as Promise<Buffer[]>;
      child.stdin?.end('go\n');
      return JSON.parse(Buffer.concat(await said).toString()) as Readonly<Record<string, readonly string[]>>;
    });
    const wins = await Promise.all(answers);
    for (const key of Object.keys(wins[0] ?? {})) {
      const winners = wins.flatMap((win) => win[key] ?? []);
      assert.equal(winners.length, 1, `${key} has ${winners.length} winners`);
      assert.equal(text(await subject().store.get(key)), winners[0]);
    }
    assert.equal(Object.keys(wins[0] ?? {}).length, 20);
  });

  it('shows a concurrent reader the old or the new content, never a mixture', async () => {
    const child = start('overwrite');
    const exited = once(child, 'exit');
    let reads = 0;
    while (child.exitCode === null && child.signalCode === null) {
      if (reads === 150) child.stdin?.end('enough\n');
      const content = await subject().store.get('shared/value');
      if (content === null) continue;
      assert.equal(content.byteLength, 200_000);
      assert.ok(
        content.every((byte) => byte === content[0]),
        'a mixture of two writes',
      );
      reads++;
    }
    assert.deepEqual(await exited, [0, null]);
    assert.ok(reads >= 150, `only ${reads} reads`);
  });

  it('shows nothing of a writer that was killed while it wrote', async () => {
    const child = start('write-big');
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    await once(child, 'exit');
    for (const { key, sizeBytes } of await subject().store.list('crash/')) assert.equal(sizeBytes, BIG, key);
  });

  for (const [task, point, listed] of [
    ['put', 'object.put.before_rename', false],
    ['put', 'object.put.after_rename', true],
    ['create', 'object.create.before_link', false],
    ['create', 'object.create.after_link', true],
  ] as const) {
    it(`killed at ${point}: ${listed ? 'the whole object' : 'nothing'} is there`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plumb-failpoint-'));
      const log = join(folder, 'log');
      const child = start(task, { PLUMB_FAILPOINT: point, PLUMB_FAILPOINT_LOG: log });
      const [, signal] = await once(child, 'exit');
      // Adapters without such a step never meet it: they answer at once and whole.
      const met = (await readFile(log, 'utf8').catch(() => '')).split('\n').includes(point);
      await rm(folder, { recursive: true });
      if (subject().kind === 'file') assert.ok(met, `${point} was never hit`);
      assert.equal(signal, met ? 'SIGKILL' : null);
      const key = `crashed/${task}-${point}`;
      assert.deepEqual(await keysUnder(subject().store, 'crashed/').then((keys) => keys.includes(key)), listed || !met);
      assert.equal(await subject().store.putIfAbsent(key, bytes('again')), !(listed || !met));
    });
  }
}

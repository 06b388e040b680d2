import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Catalog } from '../catalog/catalog.ts';
import { viewsSince } from './views-since.ts';

const catalog = (views: Readonly<Record<string, string>>, since?: Catalog['viewsSince']): Catalog =>
  ({
    views: new Map(Object.entries(views).map(([name, fingerprint]) => [name, { name, fingerprint }])),
    ...(since === undefined ? {} : { viewsSince: since }),
  }) as unknown as Catalog;

test('a view counts from the apply that it came with, or that changed it; one of before this was kept has no such instant', () => {
  const first = viewsSince(null, catalog({ a: 'x', b: 'y' }), 1n);
  assert.deepEqual(
    [...first],
    [
      ['a', { micros: 1n }],
      ['b', { micros: 1n }],
    ],
  );
  const second = viewsSince(catalog({ a: 'x', b: 'y' }, first), catalog({ a: 'x', b: 'z', c: 'w' }), 2n);
  assert.deepEqual(
    [...second],
    [
      ['a', { micros: 1n }],
      ['b', { micros: 2n }],
      ['c', { micros: 2n }],
    ],
  );
  assert.deepEqual([...viewsSince(catalog({ a: 'x' }), catalog({ a: 'x', b: 'y' }), 3n)], [['b', { micros: 3n }]]);
});

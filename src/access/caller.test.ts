import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbError } from '../../schemas/errors.ts';
import { ROLES, type Role } from '../../schemas/roles.ts';
import { ANYBODY, type Caller, KeyHolder } from './caller.ts';
import type { KeyLimits } from './stored-key.ts';

const holder = (role: Role, limitedTo: KeyLimits | null = null) =>
  new KeyHolder({ id: 'abcdefghijkl', role, limitedTo });

function lackingIn(act: () => void): unknown {
  try {
    act();
    return null;
  } catch (error) {
    assert.ok(error instanceof PlumbError && error.code === 'FORBIDDEN');
    return error.details.lacking;
  }
}

test('each role may what those before it may, and no more', () => {
  for (const [i, role] of ROLES.entries())
    for (const [j, needed] of ROLES.entries())
      assert.deepEqual(
        lackingIn(() => holder(role).requireAccess({ role: needed, about: 'project' })),
        j <= i ? null : { role: needed },
        `${role} for ${needed}`,
      );
});

test('a limited key is for what it names, and for nothing of the project as a whole', () => {
  const limited = holder('admin', { services: ['a'], sources: [] });
  const asks: readonly (readonly [(caller: Caller) => void, unknown])[] = [
    [(caller) => caller.requireService('a'), null],
    [(caller) => caller.requireService('b'), { service: 'b' }],
    [(caller) => caller.requireService('A'), { service: 'A' }],
    [(caller) => caller.requireService('a '), { service: 'a ' }],
    [(caller) => caller.requireService('__proto__'), { service: '__proto__' }],
    [(caller) => caller.requireService(null), { service: null }],
    [(caller) => caller.requireSource('a'), { source: 'a' }],
    [(caller) => caller.requireDataset('d', 'a'), null],
    [(caller) => caller.requireDataset('d', 'b'), { dataset: 'd' }],
    [(caller) => caller.requireDataset('d', null), { dataset: 'd' }],
    [(caller) => caller.requireView('v', true), null],
    [(caller) => caller.requireView('v', false), { view: 'v' }],
    [(caller) => caller.requireAccess({ role: 'reader', about: 'project' }), { limits: 'none' }],
    [(caller) => caller.requireAccess({ role: 'reader', about: 'neither' }), null],
  ];
  for (const [ask, expected] of asks) {
    assert.deepEqual(
      lackingIn(() => ask(limited)),
      expected,
    );
    assert.equal(
      lackingIn(() => ask(holder('admin'))),
      null,
    );
    assert.equal(
      lackingIn(() => ask(ANYBODY)),
      null,
    );
  }
});

test('a key for sources alone may use no service', () => {
  const pusher = holder('writer', { services: [], sources: ['clicks'] });
  assert.equal(
    lackingIn(() => pusher.requireSource('clicks')),
    null,
  );
  assert.deepEqual(
    lackingIn(() => pusher.requireService('ranking')),
    { service: 'ranking' },
  );
});

test('a refusal says what the key has and what it lacks', () => {
  const limited = holder('reader', { services: ['a', 'b'], sources: ['c'] });
  assert.throws(() => limited.requireService('x'), {
    message:
      'the key abcdefghijkl has the role reader, limited to services a and b and the source c; this needs the service "x"',
  });
});

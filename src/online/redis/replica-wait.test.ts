import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlumbError } from '../../../schemas/errors.ts';
import type { Send } from './redis-connection.ts';
import { replicaWait, requireReplicas } from './replica-wait.ts';

const away = (details: Readonly<Record<string, unknown>>): PlumbError =>
  new PlumbError('STORE_UNAVAILABLE', 'does not answer: no answer within 500 ms', { details });

/** Answers in turn; an error is thrown. */
function server(...replies: readonly (number | PlumbError)[]) {
  let asked = 0;
  const send: Send = async () => {
    const reply = replies[asked] as number | PlumbError;
    asked += 1;
    if (reply instanceof PlumbError) throw reply;
    return [null, reply];
  };
  return { require: () => requireReplicas(send, replicaWait(1, 500), 'here'), asked: () => asked };
}

test('regression: a late answer, or a replica that is slow, is waited for', async () => {
  const slow = server(0, away({}), 0, 1);
  await slow.require();
  assert.equal(slow.asked(), 4);
});

test('a server that took the place of the one that was told is not asked again', async () => {
  const restarted = server(0, away({ replaced: true }), 1);
  await assert.rejects(restarted.require(), { code: 'STORE_UNAVAILABLE', details: { replaced: true } });
  assert.equal(restarted.asked(), 2);
});

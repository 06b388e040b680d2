import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inSpan, type Tracer } from './tracer.ts';

function recording() {
  const events: string[] = [];
  const tracer: Tracer = {
    start: (name) => {
      events.push(`${name} begun`);
      return {
        set: (attributes) => void events.push(`${name} ${JSON.stringify(attributes)}`),
        end: () => void events.push(`${name} done`),
      };
    },
  };
  return { events, tracer };
}

test('a span ends with its work', async () => {
  const { events, tracer } = recording();
  const result = await inSpan(tracer, 'load', async (span) => {
    span.set({ rows: 3 });
    return 7;
  });
  assert.equal(result, 7);
  assert.deepEqual(events, ['load begun', 'load {"rows":3}', 'load done']);
});

test('work that fails ends its span, and rejects with its error', async () => {
  const { events, tracer } = recording();
  await assert.rejects(
    inSpan(tracer, 'load', () => Promise.reject(new Error('no'))),
    /^Error: no$/,
  );
  assert.deepEqual(events, ['load begun', 'load done']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inSpan, NO_TRACER, type Span, type Tracer } from './tracer.ts';

function recording() {
  const events: string[] = [];
  const span = (path: string): Span => ({
    start: (name) => begin(`${path}/${name}`),
    set: (attributes) => void events.push(`${path} ${JSON.stringify(attributes)}`),
    end: (error) => void events.push(`${path} ${error === undefined ? 'done' : `failed: ${error}`}`),
  });
  const begin = (path: string): Span => {
    events.push(`${path} begun`);
    return span(path);
  };
  const tracer: Tracer = { start: begin };
  return { events, tracer };
}

test('a span ends with its work, and lies within the one that it was started from', async () => {
  const { events, tracer } = recording();
  const result = await inSpan(tracer, 'run', async (run) => {
    run.set({ rows: 3 });
    return await inSpan(run, 'load', async () => 7);
  });
  assert.equal(result, 7);
  assert.deepEqual(events, ['run begun', 'run {"rows":3}', 'run/load begun', 'run/load done', 'run done']);
});

test('work that fails ends its span with the error and rejects with it', async () => {
  const { events, tracer } = recording();
  await assert.rejects(
    inSpan(tracer, 'run', () => Promise.reject(new Error('no'))),
    /^Error: no$/,
  );
  await assert.rejects(inSpan(tracer, 'odd', () => Promise.reject(undefined)));
  assert.deepEqual(events, ['run begun', 'run failed: Error: no', 'odd begun', 'odd failed: failed']);
});

test('without a tracer the work is done all the same', async () => {
  assert.equal(await inSpan(NO_TRACER, 'run', (run) => inSpan(run, 'part', async () => 1)), 1);
});

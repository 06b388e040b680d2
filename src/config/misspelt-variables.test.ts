import assert from 'node:assert/strict';
import { test } from 'node:test';
import { misspeltVariables } from './misspelt-variables.ts';

test('a variable near to one that is read is told with its name', () => {
  const env = { PLUMB_ONLINE_ULR: 'redis://x', PLUMB_SERVER_PROT: '1', plumb_storge: 'x', PLUMB_LOG_LEVLE: 'info' };
  assert.deepEqual(misspeltVariables(env), [
    'nothing reads the variable PLUMB_ONLINE_ULR; did you mean PLUMB_ONLINE_URL?',
    'nothing reads the variable PLUMB_SERVER_PROT; did you mean PLUMB_SERVER_PORT?',
    'nothing reads the variable plumb_storge; did you mean PLUMB_STORAGE?',
    'nothing reads the variable PLUMB_LOG_LEVLE; did you mean PLUMB_LOG_LEVEL?',
  ]);
});

test('variables that are read, that an orchestrator invents or that are near to none are left alone', () => {
  const names = ['PLUMB_SERVER_PORT', 'plumb_server_port', 'PLUMB_DEBUG', 'PLUMB_SERVICE_HOST', 'PLUMB_SERVICE_PORT'];
  const others = ['PLUMB_PORT', 'PLUMB_PORT_7000_TCP_ADDR', 'PLUMB_TEST_REDIS_SERVER', 'PLUMB_OF_ANOTHER_KIND', 'HOME'];
  assert.deepEqual(misspeltVariables(Object.fromEntries([...names, ...others].map((name) => [name, 'x']))), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectSchema } from '../../../schemas/project.ts';
import { requireSafeAddress } from './safe-address.ts';

const server = (given: object) => projectSchema.parse({ project: 'p', server: given }).server;
const LOOPBACK = ['127.0.0.1', '127.8.9.10', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST'];
// What only the system reads as an address, and a name that leads who knows where, are not trusted.
const BEYOND = [
  '0.0.0.0',
  '::',
  '192.168.1.5',
  '::ffff:0.0.0.0',
  '127.1',
  '0x7f.1',
  '2130706433',
  'localhost.evil.com',
  'db7',
  '',
];

test('an address of this machine needs no keys', () => {
  for (const host of LOOPBACK) requireSafeAddress(server({ host }));
});

test('any other is refused without keys, unless it is wanted so', () => {
  for (const host of BEYOND) {
    assert.throws(() => requireSafeAddress({ ...server({}), host }), { code: 'INVALID_CONFIG' }, host);
    requireSafeAddress({ ...server({ auth: 'keys' }), host });
    requireSafeAddress({ ...server({ insecure: true }), host });
  }
});

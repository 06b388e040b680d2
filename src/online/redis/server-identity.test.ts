import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityOf } from './server-identity.ts';

const SERVER = Buffer.from('# Server\r\nrun_id:abc\r\nuptime_in_seconds:7\r\n');
const replication = (lines: readonly string[]): Buffer => Buffer.from(['# Replication', ...lines, ''].join('\r\n'));

test('a master is known by its process and the life of its data; only replicas that follow it count', () => {
  const lines = [
    'role:master',
    'connected_slaves:3',
    'slave0:ip=127.0.0.1,port=7001,state=online,offset=14,lag=0',
    'slave1:ip=127.0.0.1,port=7002,state=wait_bgsave,offset=0,lag=0',
    'slave2:ip=127.0.0.1,port=7003,state=online,offset=14,lag=1',
    'master_replid:def',
    `master_replid2:${'0'.repeat(40)}`,
  ];
  assert.deepEqual(identityOf([SERVER, replication(lines)]), {
    incarnation: 'abc def',
    role: 'master',
    wasAlwaysMaster: true,
    uptimeMillis: 7_000,
    replicaCount: 2,
  });
});

test('a replica that was promoted was not always the master', () => {
  const found = identityOf([SERVER, replication(['role:master', 'master_replid:def', 'master_replid2:123'])]);
  assert.deepEqual([found?.wasAlwaysMaster, found?.replicaCount], [false, 0]);
});

test('a server that refuses INFO is unknown', () => {
  assert.equal(identityOf([new Error('NOPERM')]), null);
});

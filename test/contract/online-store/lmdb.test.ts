import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { LmdbOnlineStore } from '../../../src/online/lmdb/lmdb-online-store.ts';
import { onlineStoreContract } from './online-store.suite.ts';
import { streamStoreContract } from './stream-store.suite.ts';

const root = await mkdtemp(join(tmpdir(), 'plumb-lmdb-'));
after(() => rm(root, { recursive: true, force: true }));

let stores = 0;
const open = () => {
  stores += 1;
  return LmdbOnlineStore.open(join(root, `store${stores}`), 'demo');
};
onlineStoreContract('lmdb', open);
streamStoreContract('lmdb', open);

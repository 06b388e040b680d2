import { MemoryOnlineStore } from '../../../src/online/memory/memory-online-store.ts';
import { onlineStoreContract } from './online-store.suite.ts';
import { streamStoreContract } from './stream-store.suite.ts';

onlineStoreContract('memory', async () => new MemoryOnlineStore());
streamStoreContract('memory', async () => new MemoryOnlineStore());

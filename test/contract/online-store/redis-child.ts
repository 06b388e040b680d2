// Another process on the same Redis: `node redis-child.ts <url> <project> <role> <number>`.
import { stateOf } from './reading.ts';
import { redisStore } from './redis-store.ts';

export const KEYS = Array.from({ length: 1500 }, (_value, index) => Buffer.from(`key${index}`));
export const FIELD = 'v@1';
export const VIEW = 'counter';
export const ROUNDS = 30;
export const WRITERS = 3;
export const INCREMENTS = 40;

/** Tokens go up and down: a small one may arrive after a great one. Each writer has tokens of its own. */
export const tokenOf = (writer: number, round: number): bigint =>
  2n ** 60n + BigInt(WRITERS * ((round * 7) % ROUNDS) + writer);

const [url = '', project = '', role, number] = import.meta.main ? process.argv.slice(2) : [];

async function write(writer: number): Promise<void> {
  await using store = redisStore(url, { project });
  for (let round = 0; round < ROUNDS; round += 1) {
    const token = tokenOf(writer, round);
    const row = Buffer.from(`${token}`);
    await store.writeRows(
      FIELD,
      token,
      KEYS.map((entity) => ({ entity, row })),
    );
  }
}

async function increment(): Promise<void> {
  await using store = redisStore(url, { project });
  for (let done = 0; done < INCREMENTS; ) {
    const before = await stateOf(store, VIEW);
    const count = before === null ? 0 : Number(Buffer.from(before).toString());
    if (await store.writeState(VIEW, before, Buffer.from(`${count + 1}`))) done += 1;
  }
}

if (import.meta.main) await (role === 'write' ? write(Number(number)) : increment());

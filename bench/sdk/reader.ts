// One measured reading, in a process of its own: node reader.ts METHOD URL. Prints rows, a sum over all values (so that they
// are really read), seconds and CPU seconds, from the call until the last row; loading modules is not in them, but for what
// the SDK itself loads on demand.
import { type RecordBatch, tableFromIPC } from 'apache-arrow';
import { readParquet } from 'parquet-wasm';
import { PlumbClient, type Snapshot } from '../../sdk/typescript/src/index.ts';

interface Read {
  readonly rows: number;
  readonly sum: number;
}

const METHODS: Readonly<Record<string, (snapshot: Snapshot, url: string) => Promise<Read>>> = {
  table: async (snapshot) => sumOf((await snapshot.table()).batches),
  'table, unverified': async (snapshot) => sumOf((await snapshot.table({ verify: false })).batches),
  batches: async (snapshot) => {
    let [rows, sum] = [0, 0];
    for await (const batch of snapshot.batches()) {
      const read = sumOf([batch]);
      rows += read.rows;
      sum += read.sum;
    }
    return { rows, sum };
  },
  rows: async (snapshot) => {
    let [rows, sum] = [0, 0];
    for await (const row of snapshot.rows<Readonly<Record<string, number>>>()) {
      rows += 1;
      for (const name in row) sum += row[name] ?? 0;
    }
    return { rows, sum };
  },
  'fetch + parquet-wasm': async ({ manifest }, url) => {
    let [rows, sum] = [0, 0];
    for (const n of manifest.parts.keys()) {
      const response = await fetch(`${url}/v1/datasets/bench/1/parts/${n}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const read = sumOf(tableFromIPC(readParquet(bytes, { batchSize: 131_072 }).intoIPCStream()).batches);
      rows += read.rows;
      sum += read.sum;
    }
    return { rows, sum };
  },
};

function sumOf(batches: readonly RecordBatch[]): Read {
  let [rows, sum] = [0, 0];
  for (const batch of batches) {
    rows += batch.numRows;
    for (const { values } of batch.data.children) for (const value of values as Float64Array) sum += value;
  }
  return { rows, sum };
}

const [method = '', url = ''] = process.argv.slice(2);
const read = METHODS[method];
if (read === undefined) throw new Error(`found ${method}, expected ${Object.keys(METHODS).join(', ')}`);
const snapshot = await new PlumbClient({ url }).datasets.get('bench');
const start = performance.now();
const startCpu = process.cpuUsage();
const found = await read(snapshot, url);
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(startCpu);
process.stdout.write(JSON.stringify({ ...found, seconds, cpuSeconds: (user + system) / 1e6 }));

// A training set, its rows, and the same features from the server: all through the SDK, and equal in the end.
//
// In the folder of a project (`plumb init` makes one), after `plumb apply`:
//   plumb serve &
//   node train-and-serve.ts [SERVICE] [URL]
//
// In a clone of Plumb the SDK has to be built once: npm run build -w sdk/typescript
import { isDeepStrictEqual } from 'node:util';
import { PlumbClient } from '@plumb/sdk';

const [service = 'example', url = 'http://127.0.0.1:6567'] = process.argv.slice(2);
const plumb = new PlumbClient({ url });

// The label table: whom a model is to learn about, as of when, and what became of it.
const at = new Date().toISOString();
const labels = [1, 2, 99].map((user_id) => ({ user_id, event_timestamp: at, bought: user_id === 1 }));

// A training set is a job of the server: the features of each label as they were at its timestamp.
const job = await plumb.datasets.create({ service, name: 'sdk_example', labels });
const training = await job.wait({
  onProgress: (progress, { status }) => console.log(status, progress?.rowsDone ?? 0, 'rows'),
  signal: AbortSignal.timeout(60_000),
});
console.log(`${training.manifest.name}, version ${training.manifest.version}: ${training.manifest.rows} rows`);

// The newest values, as of the same instant, go online, and are looked up as an inference service does.
await (await plumb.materializations.create({ until: at })).wait();
const served = await plumb.lookup({ service, entities: labels.map(({ user_id }) => ({ user_id })), at });

// Rows come one after the other, however many there are, and in the same forms as the answers of lookups.
let values = 0;
let equal = 0;
let n = 0;
for await (const row of training.rows()) {
  const answer = served.objects()[n] ?? {};
  console.log('trained on', row);
  console.log('served    ', answer);
  for (const feature of served.features) {
    values += 1;
    if (isDeepStrictEqual(row[feature], answer[feature])) equal += 1;
  }
  n += 1;
}
console.log(`${equal} of ${values} values are equal`);

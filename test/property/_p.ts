import { randomWorld } from '/work/main/test/oracle/random-worlds.ts';
import { trainingMismatch, STRATEGIES } from '/work/main/test/property/plumb-training.ts';
const [from, to] = process.argv.slice(2).map(Number);
let n = 0; const t = performance.now();
for (let seed = from!; seed < to!; seed++) {
  const w = randomWorld(seed, { faults: false, bytes: seed % 7 === 0 });
  for (const [name, limits] of Object.entries(STRATEGIES)) {
    const bad = await trainingMismatch(w, limits); n++;
    if (bad) console.log(seed, name, bad.slice(0, 400));
  }
}
console.log(n, 'evaluations', ((performance.now() - t) / n).toFixed(0), 'ms each');

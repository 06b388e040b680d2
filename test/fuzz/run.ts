// npm run test:fuzz -- [--seconds N] [--seed S] [--only TRIAL] [--worlds N]
//
// The first seed is random unless it is given; seeds count up. Each finding is printed with the seed that repeats it
// (`--seed S --worlds 1 --only …`), and the end is 1 where there is one.
import { parseArgs } from 'node:util';
import { fuzz, TRIALS } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    worlds: { type: 'string', default: 'Infinity' },
    seed: { type: 'string' },
    only: { type: 'string' },
  },
});
const { only, seed = String(Math.floor(Math.random() * 2 ** 31)) } = values;
const names = only === undefined ? Object.keys(TRIALS) : [only];
const options = { seconds: Number(values.seconds), worlds: Number(values.worlds), seed: Number(seed), names };
const { tried, findings } = await fuzz(options, (line) => console.log(line));
console.log(`${tried} worlds from seed ${seed} in ${names.join(', ')}: ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;

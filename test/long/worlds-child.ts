// node worlds-child.ts TRIAL FIRST COUNT STEP: tries worlds and prints the tally as the last line; exits 1 on a mismatch.
import { explainTrial } from '../property/explain-trial.ts';
import { continuousTrial, onlineTrial } from '../property/online-trial.ts';
import { trainingTrial } from '../property/training-trial.ts';
import { verifyTrial } from '../property/verify-trial.ts';
import { tryWorlds } from '../property/worlds.ts';

const TRIALS = {
  training: trainingTrial,
  online: onlineTrial,
  continuous: continuousTrial,
  verify: verifyTrial,
  explain: explainTrial,
};

const [name = '', first, count, step] = process.argv.slice(2);
const trial = TRIALS[name as keyof typeof TRIALS];
console.log(JSON.stringify(await tryWorlds(trial, Number(first), Number(count), Number(step))));

// Plans as people read them in `dataset create --explain`.
import { test } from 'node:test';
import { explainPlan } from '../../src/plan/explain.ts';
import { equalsGolden } from './golden-file.ts';
import { PLANS } from './plans.ts';

for (const [name, plan] of PLANS) test(name, () => equalsGolden(`explain/${name}.txt`, `${explainPlan(plan)}\n`));

// Port: the plans of one job → scripts in the SQL of one engine.
import type { EntriesNode } from '../plan/entries-node.ts';
import type { KeysNode, MaterializationNode, TrainingSetNode } from '../plan/nodes.ts';
import { compileEntries, type EntriesScript } from './entries.ts';
import { compileKeys } from './keys.ts';
import { compileMaterialization, type MaterializationScript } from './materialization.ts';
import type { Script } from './script.ts';
import type { StoredParts } from './stored-parts.ts';
import type { EngineSql } from './strategies.ts';
import { compileTrainingSet, type LabelColumns, type TrainingSetScript } from './training-set.ts';

export interface EngineCompiler {
  compileTrainingSet(plan: TrainingSetNode, labels: LabelColumns): TrainingSetScript;
  compileKeys(plan: KeysNode): Script;
  /** `stored`: what earlier runs of the generation wrote; null: nothing. */
  compileMaterialization(plan: MaterializationNode, stored: StoredParts | null): MaterializationScript;
  compileEntries(plan: EntriesNode, storedKeys: StoredParts['keys'] | null): EntriesScript;
}

export const createCompiler = (engine: EngineSql): EngineCompiler => ({
  compileTrainingSet: (plan, labels) => compileTrainingSet(engine, plan, labels),
  compileKeys: (plan) => compileKeys(engine, plan),
  compileMaterialization: (plan, stored) => compileMaterialization(engine, plan, stored),
  compileEntries: (plan, storedKeys) => compileEntries(engine, plan, storedKeys),
});

// Rows of live generations past their need, and tombstones that no older run needs, some at a time. Takes no lease: a
// record is judged by the state that the view has then, goes only if no run of the last grace period can have written it,
// and only as long as it is what was judged.
import { failpoint } from '../failpoint.ts';
import type { FieldName, StoredRecord } from '../online/online-store.ts';
import { isOver } from '../online/row-retention.ts';
import { fieldName, generationsOf, type LiveGeneration } from '../online/serving-state.ts';
import { decodeServingState } from '../online/serving-state-codec.ts';
import { eventMicrosOf } from '../online/stored-row.ts';
import type { Kind } from './collector.ts';
import type { GcContext } from './gc-context.ts';
import { runFolders, settledToken } from './run-folders.ts';

const STEP_RECORDS = 5000;

type Judge = (record: StoredRecord) => boolean;

export async function* collectRows(context: GcContext, after: string | null): AsyncGenerator<string | null, void> {
  const { online, dryRun, tally } = context;
  const settled = new SettledTokens(context);
  for (let cursor = after, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    const judges = await judgesOf(context, settled);
    const limit = Math.min(STEP_RECORDS, tally.rest);
    const step = await online.sweep((field) => judges.get(field) ?? null, cursor, limit, dryRun);
    failpoint('gc.rows_swept');
    cursor = step.cursor;
    if (cursor !== null) yield cursor;
  }
}

async function judgesOf(context: GcContext, settled: SettledTokens): Promise<ReadonlyMap<FieldName, Judge>> {
  const judges = new Map<FieldName, Judge>();
  for (const [view, bytes] of await context.online.listStates()) {
    const state = decodeServingState(bytes);
    const settledToken = await settled.of(view, state.token);
    for (const generation of generationsOf(state)) {
      const judge = judgeOf(context, view, generation, settledToken);
      if (judge !== null) judges.set(fieldName(view, generation.id), judge);
    }
  }
  return judges;
}

/** null where nothing of the generation may go. */
function judgeOf(context: GcContext, view: string, live: LiveGeneration, settledToken: bigint): Judge | null {
  const { policy, nowMicros, tally } = context;
  const { graceMicros } = policy;
  // A store that was filled again has old tokens, and rows that are new in it.
  const isNew = live.retention !== null && nowMicros - live.retention.filledAtMicros < graceMicros;
  if (settledToken === 0n || isNew) return null;
  const count = (kind: Kind): true => {
    tally.remove(kind, view, 1, null);
    return true;
  };
  return ({ token, row }) => {
    if (token > settledToken) return false;
    if (row === null) return count('tombstones');
    return isOver(live, live.kind === 'row' ? eventMicrosOf(row) : null, graceMicros, nowMicros) && count('rows');
  };
}

/** Looked up once per collection: what is settled stays settled. */
class SettledTokens {
  readonly #context: GcContext;
  readonly #known = new Map<string, bigint>();

  constructor(context: GcContext) {
    this.#context = context;
  }

  async of(view: string, stateToken: bigint): Promise<bigint> {
    const known = this.#known.get(view);
    if (known !== undefined) return known;
    const { store, policy, nowMicros } = this.#context;
    const settled = settledToken(await runFolders(store, view), stateToken, policy.graceMicros, nowMicros);
    this.#known.set(view, settled);
    return settled;
  }
}

// Events that the log need not keep any more, and rejected ones.
import { countOutdated, trimLog } from '../ingest/retention/trim-log.ts';
import type { GcContext } from './gc-context.ts';

export async function* collectEvents(context: GcContext, after: string | null): AsyncGenerator<string | null, void> {
  const { assertHeld, dryRun, tally } = context;
  const logs = await context.logs();
  if (logs === null) return;
  let done = after;
  for (const source of (await logs.log.sources()).toSorted()) {
    if (after !== null && source <= after) continue;
    await assertHeld();
    const { events, sizeBytes, deadLetters, heldBy } = await trimLog(logs, source, { dryRun, most: tally.rest });
    tally.remove('events', source, events, sizeBytes);
    tally.remove('rejected events', source, deadLetters, null);
    if (heldBy !== null) {
      const outdated = await countOutdated(logs, source);
      tally.leave('events', source, dryRun ? outdated - events : outdated, heldBy);
    }
    // There may be more of this one.
    if (!tally.isSpent) done = source;
    yield done;
  }
}

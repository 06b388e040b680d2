// Everything that must hold of a history that was played. Pure: what was seen comes in, what is wrong comes out.
import { checkCommands } from './checks/commands.ts';
import { checkFencing } from './checks/fencing.ts';
import { checkLookups } from './checks/lookups.ts';
import { checkRecovery } from './checks/recovery.ts';
import { checkCollected, checkRetention } from './checks/retention.ts';
import { checkStorage } from './checks/storage.ts';
import { type Violation, violation } from './checks/violation.ts';
import type { Played } from './execute.ts';
import { Model } from './model.ts';
import { everSeen } from './seen.ts';

export function checkHistory(played: Played): readonly Violation[] {
  const { history, events, between, recovery, serverLog } = played;
  const { uncollected, evidence } = recovery;
  const looks = [...between, ...(uncollected === null ? [] : [uncollected]), evidence];
  const seen = everSeen(looks);
  const model = new Model(history.world, seen);
  return [
    ...between.flatMap((look, round) =>
      checkStorage(look, model).map(({ check, message }) => violation(check, `after round ${round}: ${message}`)),
    ),
    ...checkStorage(evidence, model),
    ...checkCommands(events, everSeen(between), model),
    ...checkFencing(events),
    ...checkLookups(events, seen, model),
    ...checkRetention(withRecovery(played), looks),
    ...(uncollected === null ? [] : checkCollected(evidence)),
    ...checkRecovery(played, model),
    ...(/"code":"INTERNAL"/.test(serverLog) ? [violation('server', `it logs a defect: ${serverLog}`)] : []),
  ];
}

/** The collections of the end beside those of the history. */
function withRecovery({ events, recovery }: Played): Played['events'] {
  const collections = recovery.commands.filter(({ args }) => args[0] === 'gc').flatMap(({ attempts }) => attempts);
  const command = { kind: 'gc', limit: null, dryRun: false } as const;
  return [...events, ...collections.map((ended) => ({ kind: 'command', command, harm: null, ...ended }) as const)];
}

// Everything that must hold of a history that was played. Pure: what was seen comes in, what is wrong comes out.
import { checkCommands } from './checks/commands.ts';
import { checkFencing } from './checks/fencing.ts';
import { checkLookups } from './checks/lookups.ts';
import { checkRecovery } from './checks/recovery.ts';
import { checkStorage } from './checks/storage.ts';
import { type Violation, violation } from './checks/violation.ts';
import type { Evidence } from './evidence.ts';
import type { Played } from './execute.ts';
import { Model } from './model.ts';

export function checkHistory(played: Played): readonly Violation[] {
  const { history, events, between, recovery, serverLog } = played;
  const model = new Model(history.world, recovery.evidence);
  const last = between.at(-1) as Evidence;
  return [
    ...between.flatMap((evidence, round) =>
      checkStorage(evidence, model).map(({ check, message }) => violation(check, `after round ${round}: ${message}`)),
    ),
    ...checkStorage(recovery.evidence, model),
    ...checkCommands(events, last, model),
    ...checkFencing(events),
    ...checkLookups(events, recovery.evidence, model),
    ...checkRecovery(played, model),
    ...(/"code":"INTERNAL"/.test(serverLog) ? [violation('server', `it logs a defect: ${serverLog}`)] : []),
  ];
}

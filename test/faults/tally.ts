// What a run of many histories did, so that one sees that faults really hit.
import { said } from './checks/said.ts';
import { commandsOf, lookupsOf } from './event-log.ts';
import type { Played } from './execute.ts';
import { type Act, faultNames, harmName, type OnlineKind, type StorageKind } from './history.ts';

export class Tally {
  histories = 0;
  readonly #planned = new Map<string, number>();
  readonly #hit = new Map<string, number>();
  readonly #commands = new Map<string, number>();
  readonly #lookups = new Map<string, number>();
  readonly #collected = new Map<string, number>();

  add({ history, events }: Played): void {
    this.histories += 1;
    for (const name of history.rounds.flat().flatMap(faultNames)) count(this.#planned, name);
    for (const event of events) {
      if (event.kind === 'fault') count(this.#hit, event.name);
      if (event.kind === 'command' && event.harm !== null && event.wasHarmed)
        count(this.#hit, harmName(event.harm, event.command));
    }
    for (const event of commandsOf(events)) {
      const document = said(event);
      const failed = document?.runs?.some(({ outcome }) => outcome === 'failed') ?? false;
      const outcome = event.code === null ? 'killed' : (document?.error?.code ?? (failed ? 'a view failed' : 'done'));
      count(this.#commands, `${event.command.kind} ${outcome}`);
      for (const { kind, items } of document?.removed ?? []) count(this.#collected, kind, items);
    }
    for (const { status, body } of lookupsOf(events)) {
      count(
        this.#lookups,
        status === null ? 'no answer' : status === 200 ? '200' : `${status} ${said({ out: body })?.error?.code}`,
      );
    }
  }

  /** Kinds of faults that were possible and never hit. */
  missing(possible: Possible): readonly string[] {
    return possibleFaults(possible).filter((name) => !this.#hit.has(name));
  }

  lines(): readonly string[] {
    const faults = [...this.#planned]
      .toSorted()
      .map(([name, planned]) => `${name} ${this.#hit.get(name) ?? 0}/${planned}`);
    return [
      `faults that hit, of those planned: ${faults.join(', ')}`,
      `commands: ${listed(this.#commands)}`,
      `lookups meanwhile: ${listed(this.#lookups)}`,
      `collected: ${listed(this.#collected)}`,
    ];
  }
}

const count = (counts: Map<string, number>, name: string, by = 1): void =>
  void counts.set(name, (counts.get(name) ?? 0) + by);

const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .toSorted()
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');

const harms = ['kill_at', 'kill_after', 'pause_at', 'pause_after', 'meanwhile'].flatMap((kind) =>
  ['apply', 'materialize', 'dataset', 'gc'].map((command) => `${kind} ${command}`),
);
const NETWORK = ['cut', 'reset', 'black_hole', 'delay', 'throttle', 'half_open', 'lose_answers', 'drop_after'];

interface Possible {
  readonly online: readonly OnlineKind[];
  readonly storage: readonly StorageKind[];
  /** Whether a small disk can be mounted. */
  readonly disk: boolean;
}

function possibleFaults({ online, storage, disk }: Possible): readonly string[] {
  const [hasRedis, hasS3, hasDisk] = [
    online.includes('redis'),
    storage.includes('s3'),
    disk && storage.includes('file'),
  ];
  const others: Act['action'][] = [
    { kind: 'server', fault: 'kill', millis: 0 },
    { kind: 'server', fault: 'pause', millis: 0 },
    { kind: 'store', fault: 'restart_empty', downMillis: 0 },
    ...(hasRedis
      ? (['restart', 'flush'] as const).map((fault) => ({ kind: 'store', fault, downMillis: 0 }) as const)
      : []),
    ...(hasS3 ? [{ kind: 'storage', fault: 'restart', downMillis: 0 } as const] : []),
    ...(hasDisk ? [{ kind: 'disk', freeBytes: 0, millis: 0 } as const] : []),
  ];
  const networks = [...(hasRedis ? ['store'] : []), ...(hasS3 ? ['storage'] : [])];
  return [
    ...harms,
    ...networks.flatMap((of) => NETWORK.map((kind) => `network of the ${of} ${kind}`)),
    ...others.flatMap((action) => faultNames({ afterMillis: 0, action })),
  ];
}

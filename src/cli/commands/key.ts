// plumb key create, list, revoke: who may ask the servers of this project's storage.
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { asPlumbError, PlumbError } from '../../../schemas/errors.ts';
import { ROLES, type Role } from '../../../schemas/roles.ts';
import { limitsText } from '../../access/caller.ts';
import { ChangeLog } from '../../access/change-log.ts';
import { type KeyListing, Keys, stateOf } from '../../access/keys.ts';
import type { KeyLimits, StoredKey } from '../../access/stored-key.ts';
import { unknownName } from '../../catalog/look-up.ts';
import { nowMicros, parseDuration, parseInstant } from '../../instant.ts';
import { RegisteredVersions } from '../../registry/registered-versions.ts';
import type { Register, Run } from '../command.ts';
import type { Invocation } from '../invocation.ts';
import { section, table } from '../table.ts';
import { whoRuns } from '../who-runs.ts';

interface CreateOptions {
  readonly role: Role;
  readonly name?: string;
  readonly service?: readonly string[];
  readonly source?: readonly string[];
  /** null: never. */
  readonly expires: bigint | null;
}

export const registerKey: Register = (program, run) => {
  const key = program.command('key').description('keys for programs that ask a server');
  registerCreate(key, run);
  key
    .command('list')
    .description('list the keys, without their secrets')
    .action(run((invocation) => withKeys(invocation, (parts) => list(invocation, parts))));
  key
    .command('revoke')
    .description('end a key: within seconds no server takes it any more')
    .addArgument(new Argument('<key>', 'its id, as `plumb key list` shows it, or the key itself'))
    .action(
      run((invocation, reference: string) => withKeys(invocation, (parts) => revoke(invocation, reference, parts))),
    );
};

const DEFAULT_EXPIRY = '365d';
const LAST_MICROS = 253_402_300_799_000_000n;
const MOST_NAME_CHARACTERS = 200;
const SEEN_AFTER = 'Servers know it within 2 seconds.';

function registerCreate(key: Command, run: Run): void {
  key
    .command('create')
    .description('make a key and print it, this once')
    .addOption(
      new Option('--role <role>', 'what it may do; each includes those before it').choices(ROLES).makeOptionMandatory(),
    )
    .option('--name <text>', 'what it is for', parseName)
    .option('--service <service...>', 'only these feature services')
    .option('--source <source...>', 'only these sources')
    .addOption(
      new Option('--expires <when>', 'a duration such as 90d, an instant, or never')
        .argParser(parseExpiry)
        .default(parseExpiry(DEFAULT_EXPIRY), DEFAULT_EXPIRY),
    )
    .action(
      run((invocation, options: CreateOptions) => withKeys(invocation, (parts) => create(invocation, options, parts))),
    );
}

interface KeyParts {
  readonly keys: Keys;
  readonly versions: RegisteredVersions;
  readonly changes: ChangeLog;
}

async function withKeys(invocation: Invocation, act: (parts: KeyParts) => Promise<void>): Promise<number> {
  const config = await invocation.config();
  await using store = await invocation.app.openObjectStore(config, invocation.openOptions());
  await act({
    keys: new Keys(store),
    versions: new RegisteredVersions(store, config.project),
    changes: new ChangeLog(store),
  });
  return 0;
}

async function create(
  invocation: Invocation,
  options: CreateOptions,
  { keys, versions, changes }: KeyParts,
): Promise<void> {
  const limitedTo = await limitsOf(options, versions);
  const { role, name = null, expires } = options;
  const wanted = { role, name, limitedTo, expiresAtMicros: expires };
  const { text, key } = await recorded({ changes, invocation }, { operation: 'key create', target: null }, async () => {
    const made = await keys.create(wanted);
    return { ...made, made: made.key.id };
  });
  invocation.result({ key: text, ...described(key) }, () => text);
  if (!invocation.json) {
    const ends = key.expiresAt === null ? 'It does not expire.' : `It expires at ${key.expiresAt}.`;
    invocation.note(`Key ${key.id}: ${holderText(key)}. ${ends} ${SEEN_AFTER} It is not shown again.`);
  }
}

/** UNKNOWN_NAME for a service or source that is not registered. */
async function limitsOf({ service, source }: CreateOptions, versions: RegisteredVersions): Promise<KeyLimits | null> {
  if (service === undefined && source === undefined) return null;
  const catalog = await versions.current();
  const limits = { services: [...new Set(service)], sources: [...new Set(source)] };
  const unknown = limits.services.find((name) => !catalog.services.has(name));
  if (unknown !== undefined) throw unknownName('feature service', unknown, catalog.services.keys());
  const unknownSource = limits.sources.find((name) => !catalog.sources.has(name));
  if (unknownSource !== undefined) throw unknownName('source', unknownSource, catalog.sources.keys());
  return limits;
}

async function list(invocation: Invocation, { keys }: KeyParts): Promise<void> {
  const listing = await keys.list();
  const document = { keys: listing.keys.map(described), damaged: listing.damaged };
  invocation.result(document, () => listText(listing));
}

async function revoke(invocation: Invocation, reference: string, { keys, changes }: KeyParts): Promise<void> {
  const { id } = await keys.find(reference);
  const { key } = await recorded({ changes, invocation }, { operation: 'key revoke', target: id }, async () => ({
    key: await keys.revoke(id),
    made: null,
  }));
  invocation.result(described(key), () => `Key ${key.id} was revoked at ${key.revokedAt}. ${SEEN_AFTER}`);
}

/** Written down before it is done. */
async function recorded<T extends { readonly made: string | null }>(
  { changes, invocation }: { readonly changes: ChangeLog; readonly invocation: Invocation },
  about: { readonly operation: string; readonly target: string | null },
  act: () => Promise<T>,
): Promise<T> {
  const change = await changes.begin({ by: whoRuns(), ...about, requestId: null });
  // The text of a key is shown once: an outcome that cannot be written down must not keep it back.
  const settle = (written: Promise<void>): Promise<void> =>
    written.catch((error: unknown) =>
      invocation.note(
        `warning: the outcome of "${about.operation}" could not be written down: ${asPlumbError(error).message}`,
      ),
    );
  let done: T;
  try {
    done = await act();
  } catch (error) {
    await settle(change.end({ failed: error instanceof PlumbError ? error.code : 'INTERNAL', made: null }));
    throw error;
  }
  await settle(change.end({ failed: null, made: done.made }));
  return done;
}

/** Without the digest, which is nobody's business. */
const described = ({ digest: _, ...key }: StoredKey) => ({ ...key, state: stateOf(key, nowMicros()) });

const HEAD = ['id', 'name', 'role', 'limited to', 'created', 'expires', 'state'];

function listText({ keys, damaged }: KeyListing): string {
  if (keys.length + damaged.length === 0) return 'No keys yet: make one with `plumb key create`.';
  const now = nowMicros();
  const rows = keys.map((key) => [
    ...[key.id, key.name, key.role, key.limitedTo === null ? null : limitsText(key.limitedTo)],
    ...[key.createdAt, key.expiresAt, stateOf(key, now)],
  ]);
  const broken = damaged.map((id) => `Damaged: ${id}; no server takes it.`);
  return [...(rows.length === 0 ? [] : [section('Keys', table(HEAD, rows))]), ...broken].join('\n');
}

const holderText = ({ role, limitedTo }: StoredKey): string =>
  limitedTo === null ? role : `${role}, limited to ${limitsText(limitedTo)}`;

/** Microseconds since 1970; null: never. */
function parseExpiry(text: string): bigint | null {
  if (text === 'never') return null;
  const duration = parseDuration(text);
  const at = duration === null ? parseInstant(text) : nowMicros() + duration;
  if (at === null) throw new InvalidArgumentError('expected a duration such as 90d, an instant, or never');
  if (at <= nowMicros() || at > LAST_MICROS)
    throw new InvalidArgumentError('expected an instant that has not passed, before the year 10000');
  return at;
}

function parseName(text: string): string {
  if (text.length <= MOST_NAME_CHARACTERS) return text;
  throw new InvalidArgumentError(`expected at most ${MOST_NAME_CHARACTERS} characters`);
}

// Serving states and field ids as lookups read them, remembered. Each transaction that changes one of them also changes the
// revision, so a read compares four bytes instead of reading, for each view, its state of a kilobyte and its field.
import type { FieldName } from '../online-store.ts';
import * as layout from './lmdb-layout.ts';
import type { LmdbDatabase } from './open-lmdb.ts';

export class LmdbNames {
  #revision: number | null = null;
  readonly #states = new Map<string, Buffer | null>();
  readonly #fieldIds = new Map<FieldName, number | null>();

  /** To be called once per snapshot, before the others. */
  follow(database: LmdbDatabase): void {
    const revision = readRevision(database);
    if (revision === this.#revision) return;
    this.#revision = revision;
    this.#states.clear();
    this.#fieldIds.clear();
  }

  state(database: LmdbDatabase, view: string): Buffer | null {
    const known = this.#states.get(view);
    if (known !== undefined) return known;
    const state = database.get(layout.stateKey(view)) ?? null;
    this.#states.set(view, state);
    return state;
  }

  fieldId(database: LmdbDatabase, field: FieldName): number | null {
    const known = this.#fieldIds.get(field);
    if (known !== undefined) return known;
    const id = readField(database, field)?.id ?? null;
    this.#fieldIds.set(field, id);
    return id;
  }
}

export function readField(database: LmdbDatabase, field: FieldName): layout.FieldRecord | null {
  const bytes = database.get(layout.fieldKey(field));
  return bytes === undefined ? null : layout.decodeField(bytes);
}

/** What follows is for transactions: a transaction that changes a state or a field changes the revision. */
function putField(database: LmdbDatabase, field: FieldName, record: layout.FieldRecord): void {
  database.putSync(layout.fieldKey(field), layout.encodeField(record));
  revise(database);
}

/** The field as it is from now on: made where there is none, and known to have had that token. */
export function claimField(database: LmdbDatabase, field: FieldName, token: bigint): layout.FieldRecord {
  const known = readField(database, field);
  if (known !== null && known.maxToken >= token) return known;
  const claimed = { id: known?.id ?? nextFieldId(database), maxToken: token };
  putField(database, field, claimed);
  return claimed;
}

function nextFieldId(database: LmdbDatabase): number {
  const id = (database.get(layout.LAST_FIELD_ID_KEY)?.readUInt32BE(0) ?? 0) + 1;
  database.putSync(layout.LAST_FIELD_ID_KEY, layout.uint32Bytes(id));
  return id;
}

export function removeField(database: LmdbDatabase, field: FieldName): void {
  database.removeSync(layout.fieldKey(field));
  revise(database);
}

export function putState(database: LmdbDatabase, view: string, state: Uint8Array): void {
  database.putSync(layout.stateKey(view), Buffer.from(state));
  revise(database);
}

export function removeState(database: LmdbDatabase, view: string): void {
  database.removeSync(layout.stateKey(view));
  revise(database);
}

const revise = (database: LmdbDatabase): void =>
  database.putSync(layout.REVISION_KEY, layout.uint32Bytes((readRevision(database) + 1) % 2 ** 32));

const readRevision = (database: LmdbDatabase): number =>
  database.getBinaryFast(layout.REVISION_KEY)?.readUInt32BE(0) ?? 0;

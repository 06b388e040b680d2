// The streams of a store that is opened by its first use, and anew after a loss: each call asks for the store of now.
import type { FieldName, OnlineStore, RowSelection } from './online-store.ts';
import type { SentinelKey, StreamStore, StreamTransaction } from './stream-store.ts';

export function deferredStreams(opened: () => Promise<OnlineStore>): StreamStore {
  const streams = async (): Promise<StreamStore> => (await opened()).streams();
  return {
    read: async (selection: RowSelection, sentinels: readonly SentinelKey[]) =>
      (await streams()).read(selection, sentinels),
    commit: async (transaction: StreamTransaction) => (await streams()).commit(transaction),
    listSentinels: async (field?: FieldName) => (await streams()).listSentinels(field),
    dropSentinels: async (field: FieldName) => (await streams()).dropSentinels(field),
  };
}

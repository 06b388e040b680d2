// Port of the HTTP surface: one lookup request → the JSON of its 200 answer, in UTF-8. Rejects with a PlumbError.
import type { OnlineFeaturesQuery } from './online-features-query.ts';

export interface OnlineFeatures {
  answer(query: OnlineFeaturesQuery): Promise<Uint8Array<ArrayBuffer>>;
}

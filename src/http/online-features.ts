// Port of the HTTP surface: one lookup request → the text of its 200 answer. Rejects with a PlumbError.
import type { OnlineFeaturesQuery } from './online-features-query.ts';

export interface OnlineFeatures {
  answer(query: OnlineFeaturesQuery): Promise<string>;
}

import { fromOrderKey, orderKey } from '../order-keys.ts';
import { type AggregatePrinter, only } from './printer.ts';

export const extreme = (name: 'min' | 'max'): AggregatePrinter => ({
  grouped: (rows) => [rows.inWindow(`${name}(${orderKey(rows.x, rows.type)})`, `${rows.x} IS NOT NULL`)],
  framed: {
    // Measured four times as fast over frames as min and max themselves.
    tape: ({ x, type }) => {
      const key = orderKey(x, type);
      return [`arg_${name}(${key}, ${key})`];
    },
    raw: (_, tape) => tape,
  },
  value: (raw, { type }) => fromOrderKey(only(raw), type),
});

// Feature values in answers.
import { z } from 'zod';
import type { WireValue } from '../wire-types.ts';

const isWireValue = (value: unknown): value is WireValue =>
  value === null ||
  ['boolean', 'number', 'string'].includes(typeof value) ||
  (Array.isArray(value) && value.every(isWireValue));

export const valueSchema = z
  .custom<WireValue>(isWireValue)
  .meta({ type: ['boolean', 'number', 'string', 'array', 'null'] })
  .describe('Timestamps as RFC 3339 UTC, bytes as base64, lists as arrays.');

// One example of a difference as a line of text, and text as a part of markup.
import type { VerifyExample } from '../../schemas/wire-types.ts';
import { jsonLine } from '../json-text.ts';

export function exampleLine({ feature, entity, at, ...values }: VerifyExample): string {
  return `${feature} of ${jsonLine(entity)} at ${at}: training ${trained(values)}, serving ${served(values)}`;
}

/** By how much values move, for people: four digits. */
export const rounded = (distance: number | null): string =>
  distance === null ? '' : String(Number(distance.toPrecision(4)));

type Values = Omit<VerifyExample, 'feature' | 'entity' | 'at'>;

export const trained = ({ training, trainingStatus }: Values): string => withStatus(training, trainingStatus);
export const served = ({ serving, servingStatus }: Values): string => withStatus(serving, servingStatus);

const withStatus = (value: unknown, status: string | undefined): string =>
  `${jsonLine(value)}${status === undefined ? '' : ` (${status})`}`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** For XML and HTML, in text and between double quotes. XML has no form of control characters at all. */
export const markup = (text: string): string =>
  text
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');

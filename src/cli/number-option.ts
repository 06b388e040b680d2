// An option that is a whole number, as its digits.
import { InvalidArgumentError } from 'commander';

/** For `argParser`; both ends are included. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const number = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`expected a whole number from ${least} ${most === ANY ? 'on' : `to ${most}`}`);
  };

/** As much as is counted without loss. */
export const ANY = Number.MAX_SAFE_INTEGER;

// Quantities as people read them. Programs get the bare numbers.

/** `12 ms`; from 100 ms on as a duration. */
export const shortDurationText = (seconds: number): string =>
  seconds < 0.0995 ? `${Math.round(seconds * 1000)} ms` : durationText(seconds);

/** `0.4 s`, `1 min 05 s`, `2 h 07 min` */
export function durationText(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours === 0 ? `${minutes} min ${twoDigits(whole % 60)} s` : `${hours} h ${twoDigits(minutes)} min`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

const SIZE_UNITS = ['KiB', 'MiB', 'GiB', 'TiB'];

/** `812 B`, `1.5 KiB`, `23.4 MiB` */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  // Not the logarithm alone: what rounds to 1024.0 of a unit is 1.0 of the next.
  const unit = SIZE_UNITS.findIndex((_name, i) => bytes / 1024 ** (i + 1) < 1023.95 || i === SIZE_UNITS.length - 1);
  return `${(bytes / 1024 ** (unit + 1)).toFixed(1)} ${SIZE_UNITS[unit]}`;
}

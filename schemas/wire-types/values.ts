// Feature values over HTTP.

/**
 * A value as JSON writes it: int64 as a number with all its digits (or text, where asked for), timestamps as RFC 3339
 * text, bytes as base64, lists as arrays.
 */
export type WireValue = null | boolean | number | string | readonly WireValue[];

/** A header that cannot be sent; apart from the TypeError that fetch throws where there is no connection. */
export class HeaderError extends TypeError {}

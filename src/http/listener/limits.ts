/** What a caller may send and how long it may take: the same for everybody, before anything is known of the request. */

/** Request line and headers together, in bytes: 431, or 414 where the request line alone is longer. */
export const MAX_HEAD_BYTES = 16_384;

/** More headers than any proxy chain adds: 431. Node would leave out what is beyond its own limit without a word. */
export const MAX_HEADERS = 100;

/** Nothing here takes a body: one that comes all the same is read up to this many bytes and thrown away. */
export const MAX_BODY_BYTES = 16_384;

/** A head that is not whole by then is a 408. */
export const HEADERS_TIMEOUT_MS = 5_000;

/** A request that is not whole by then, its body included, is a 408. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** How often the two are looked at: by then at the latest a slow caller is gone. */
export const CHECK_INTERVAL_MS = 1_000;

/** Longer than a balancer keeps its idle connections (60 s as a rule), so that it is never us who closes first. */
export const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** A caller who takes nothing of an answer for so long is gone, at the latest after twice the time. */
export const STUCK_AFTER_MS = 30_000;

/** What a refused caller still sends is read and thrown away for this long, or the answer could be lost with a reset. */
export const LINGER_MS = 1_000;

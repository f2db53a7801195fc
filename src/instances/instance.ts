/** Where one instance of a source listens, as discovery says. */
export interface Address {
  /** `http://host:port` or `https://host:port`. */
  readonly origin: string;
  /** Its share relative to the others, above 0; 1 where discovery does not say. */
  readonly weight: number;
  /** The name that the address was found under: what TLS checks and `Host` says. Absent where the origin has it. */
  readonly hostname?: string;
}

/**
 * What one attempt says about its instance: it answered (be it a 4xx), it failed, it was given up by us before it
 * answered, it asks to be left alone for a while, or nothing.
 */
export type Evidence = 'answered' | 'failed' | 'abandoned' | 'limited' | 'none';

/** One address of a source. */
export interface Instance extends Address {
  /** `host:port`, for people. */
  readonly address: string;
  /** Attempts on the wire to it from this process. */
  inFlight: number;
}

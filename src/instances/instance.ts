/** One address of a source. */
export interface Instance {
  /** `http://host:port`. */
  readonly origin: string;
  /** `host:port`, for people. */
  readonly address: string;
  /** Attempts on the wire to it from this process. */
  inFlight: number;
}

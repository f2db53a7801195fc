/** With less than this left no source can answer: what we would tell it (`x-request-timeout-ms`) is below 1 ms. */
export const LEAST_USEFUL_MS = 11;

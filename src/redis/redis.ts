/** Nest's token for the connection to Redis that the process shares: ioredis' `Redis`, or undefined without `REDIS_URL`. */
export const REDIS = Symbol('REDIS');

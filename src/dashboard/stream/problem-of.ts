import type { FastifyRequest } from 'fastify';

/** The problem that an error is for this request. Known in `http/`, which knows of us and not the other way round. */
export type ProblemOf = (error: unknown, request: FastifyRequest) => object;

/** Nest's token for it. */
export const PROBLEM_OF = Symbol('PROBLEM_OF');

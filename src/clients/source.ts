import type { Observable } from 'rxjs';
import type { z } from 'zod';
import type { SourceSettings } from '../config/env.schema.ts';
import type { CallContext } from '../outbound/call/call-context.ts';
import type { Outbound } from '../outbound/outbound.ts';
import type { Fetched } from '../outbound/outbound.interceptor.ts';

/** A downstream service: the section of the answer it fills, and what its body must look like. */
export interface SourceContract<Name extends string = string, T = unknown> extends SourceSettings {
  readonly name: Name;
  /** One sentence for the documentation. */
  readonly about: string;
  readonly schema: z.ZodType<T>;
  /** Whether its "not found" means that there is no such user, so that there is nothing to answer at all. */
  readonly decidesExistence?: boolean;
}

/** Asks one source: a path, and nothing about resilience. */
export interface SourceClient<T = unknown> {
  /** One call, made on subscription. */
  fetch(userId: string, context: CallContext): Observable<Fetched<T>>;
}

/** A client class of the list: Nest makes the instance, the contract is the class's own. */
export interface SourceClientClass<Name extends string = string, T = unknown> {
  new (outbound: Outbound): SourceClient<T>;
  readonly source: SourceContract<Name, T>;
}

/** Writes a contract down with its types kept exact. */
export const defineSource = <const Name extends string, T>(
  contract: SourceContract<Name, T>,
): SourceContract<Name, T> => contract;

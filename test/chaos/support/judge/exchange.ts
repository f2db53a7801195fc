import { SOURCE_NAMES, type SourceName } from '../../../../src/clients/sources.ts';
import type { Response } from '../../../support/service.ts';
import type { PlannedRequest } from '../schedule.ts';

/** What is judged, and by what. */

/** A request that was answered. */
export interface Exchange {
  readonly planned: PlannedRequest;
  readonly requestId: string;
  /** In `Date.now()` ms. */
  readonly sentAt: number;
  readonly receivedAt: number;
  /** How much of the time between the loop of this process was late. */
  readonly lateMs: number;
  readonly response: Response;
}

/** What this service has been told to keep to. */
export interface Promises {
  readonly deadlineMs: number;
  /** Up to which age an answer may stand in for a failure, by source. */
  readonly staleMs: Readonly<Record<SourceName, number>>;
  /** Up to which age an answer is given without asking. */
  readonly freshMs: number;
}

/** What is wrong: sentences, none when all is well. */
export type Findings = string[];

/** The sections that the answer must have, in their order. */
export const askedOf = ({ include }: PlannedRequest): readonly SourceName[] =>
  include === undefined ? SOURCE_NAMES : SOURCE_NAMES.filter((name) => include.includes(name));

import type { Deadline } from '../deadline.ts';
import type { SectionEnd } from './request-end.ts';
import type { RequestTrace } from './trace.ts';

/** What every layer may know of the request it works for; made once when the request arrives, never changed. */
export interface RequestContext {
  readonly requestId: string;
  readonly deadline: Deadline;
  /** The caller's headers that travel on to the sources, as a flat list of names and values; nothing else of the caller does. */
  readonly forwarded: readonly string[];
  /** Who may see an answer: part of every key under which answers are shared or remembered. */
  readonly audience: string;
  /** Whether the process is close to its limits: only what must be asked is. */
  readonly isTight?: boolean;
  /** Undefined where it is not traced. */
  readonly trace?: RequestTrace | undefined;
}

/** Who asks, as the token says. */
export interface Caller {
  readonly subject: string;
  /** The hashed subject: for keys, which must not hold whom they are of. */
  readonly key: string;
  /** Whether other users' dashboards may be read too. */
  readonly mayReadAny: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** When the request arrived, in `clock.now()` ms. */
    arrivedAt: number;
    /** Who wants to know when the answer is out or the caller gone: `whenGone`. Not there before somebody does. */
    leaving: (() => void)[] | null;
    /** Whether it found the process close to its limits. */
    isTight: boolean;
    /** Set once a dashboard request has been found good. */
    dashboard: RequestContext | null;
    /** Set once it is known what became of every asked section. */
    sections: readonly SectionEnd[] | null;
    /** Set where a stream had begun before it was known that it ends with a problem: of that problem. */
    streamStatus: number | null;
    /** Whether it was turned away at the door. */
    isShed: boolean;
    /** Null where no token is asked for. */
    caller: Caller | null;
    /** Not even there where it is not traced. */
    trace?: RequestTrace;
  }
}

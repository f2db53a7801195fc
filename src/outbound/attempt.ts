import type { Instance } from '../instances/instance.ts';
import { Wire } from '../transport/wire.ts';

/** One HTTP try of a call; the layers below the retry fill it in on its way down. */
export class Attempt {
  readonly wire = new Wire();
  /** Where it goes; set by the instance layer. */
  instance: Instance | undefined;
}

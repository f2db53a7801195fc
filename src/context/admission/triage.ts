/** What is asked when the process is close to its limits: whatever the answer cannot do without, else one section. */

interface Asked<Name> {
  readonly name: Name;
  readonly isRequired: boolean;
  /** Whether its "not found" decides that there is no answer at all. */
  readonly decidesExistence: boolean;
}

/** The required ones; with none, the one that knows whether the user exists; without that, the first. */
export function worthAsking<Name>(asked: readonly Asked<Name>[]): ReadonlySet<Name> {
  const required = asked.filter(({ isRequired }) => isRequired);
  const one = asked.find(({ decidesExistence }) => decidesExistence) ?? asked[0];
  const worth = required.length > 0 || one === undefined ? required : [one];
  return new Set(worth.map(({ name }) => name));
}

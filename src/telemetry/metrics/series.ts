/**
 * One cell for each combination of label values, made when first needed. Finding it costs a few look-ups: no hash of
 * the labels is made, as prom-client would for every number that it is told.
 */
export class Series<Values extends readonly [string, string?, string?], Cell> {
  private readonly root = new Branch<Cell>();
  private readonly make: () => Cell;

  constructor(make: () => Cell) {
    this.make = make;
  }

  /** The values of the labels, in their order; by name, as a list would be made for each number that is counted. */
  at(first: Values[0], second?: Values[1], third?: Values[2]): Cell {
    let branch = this.root.child(first);
    if (second !== undefined) branch = branch.child(second);
    if (third !== undefined) branch = branch.child(third);
    return (branch.cell ??= this.make());
  }

  /** Every cell that was made, with the values of its labels. */
  entries(): Iterable<readonly [values: readonly string[], cell: Cell]> {
    return this.root.entries([]);
  }
}

class Branch<Cell> {
  cell: Cell | undefined;
  private readonly children = new Map<string, Branch<Cell>>();

  child(value: string): Branch<Cell> {
    let child = this.children.get(value);
    if (child === undefined) this.children.set(value, (child = new Branch()));
    return child;
  }

  *entries(values: readonly string[]): Iterable<readonly [readonly string[], Cell]> {
    if (this.cell !== undefined) yield [values, this.cell];
    for (const [value, child] of this.children) yield* child.entries([...values, value]);
  }
}

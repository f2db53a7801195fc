import type { CallDeadline } from '../call/call-context.ts';

/** The deadline of a shared call: always the longest of those who wait for it, which come and go. */
export class FlightDeadline implements CallDeadline {
  // Arrays: almost every flight has one member, and one attempt that waits for its deadline.
  private readonly members: CallDeadline[];
  private readonly waiting: (() => void)[] = [];
  private longest: CallDeadline;
  private release: (() => void) | undefined;

  constructor(first: CallDeadline) {
    this.members = [first];
    this.longest = first;
  }

  get answerAt(): number {
    return this.longest.answerAt;
  }

  leftMs(): number {
    return this.longest.leftMs();
  }

  onExpire(run: () => void): () => void {
    this.waiting.push(run);
    this.release ??= this.longest.onExpire(() => this.expire());
    return () => {
      remove(this.waiting, run);
      if (this.waiting.length === 0) this.unhook();
    };
  }

  join(member: CallDeadline): void {
    this.members.push(member);
    if (member.answerAt > this.longest.answerAt) this.follow(member);
  }

  leave(member: CallDeadline): void {
    remove(this.members, member);
    const [other] = this.members;
    // Who leaves last ends the flight: nobody is left to follow.
    if (member !== this.longest || other === undefined) return;
    this.follow(
      this.members.reduce((longest, next) => (next.answerAt > longest.answerAt ? next : longest)),
    );
  }

  private follow(member: CallDeadline): void {
    this.unhook();
    this.longest = member;
    if (this.waiting.length > 0) this.release = member.onExpire(() => this.expire());
  }

  /** The innermost first, as on any deadline; one that ends may take others back. */
  private expire(): void {
    this.release = undefined;
    for (let run = this.waiting.pop(); run !== undefined; run = this.waiting.pop()) run();
  }

  private unhook(): void {
    this.release?.();
    this.release = undefined;
  }
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

import type { DeadlineWaiter } from '../../context/deadline.ts';
import type { CallDeadline } from '../call/call-context.ts';

/** The deadline of a shared call: always the longest of those who wait for it, which come and go. */
export class FlightDeadline implements CallDeadline, DeadlineWaiter {
  // Arrays: almost every flight has one member, and one attempt that waits for its deadline.
  private readonly members: CallDeadline[];
  private waiting: DeadlineWaiter[] = [];
  private longest: CallDeadline;

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

  watch(waiter: DeadlineWaiter): void {
    if (this.waiting.length > 0) return void this.waiting.push(waiter);
    // One made for it: an empty one takes room for seventeen when it grows.
    this.waiting = [waiter];
    this.longest.watch(this);
  }

  unwatch(waiter: DeadlineWaiter): void {
    remove(this.waiting, waiter);
    if (this.waiting.length === 0) this.longest.unwatch(this);
  }

  /** The innermost first, as on any deadline; one that ends may take others back. */
  expired(): void {
    for (let next = this.waiting.pop(); next !== undefined; next = this.waiting.pop())
      next.expired();
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
    this.longest.unwatch(this);
    this.longest = member;
    if (this.waiting.length > 0) member.watch(this);
  }
}

function remove<T>(list: T[], item: T): void {
  if (list.at(-1) === item) return void list.pop();
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

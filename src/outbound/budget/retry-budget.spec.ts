import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RetryBudget } from './retry-budget.ts';

type Kind = 'retry' | 'hedge';

/** A budget after so many first attempts. */
function budgetAfter(firstAttempts: number): RetryBudget {
  const budget = new RetryBudget();
  for (let attempt = 0; attempt < firstAttempts; attempt += 1) budget.deposit();
  return budget;
}

/** How many of a kind it pays for until it refuses. */
function spend(budget: RetryBudget, kind: Kind): number {
  let granted = 0;
  while (budget.withdraw(kind)) granted += 1;
  return granted;
}

describe('RetryBudget', () => {
  it('pays for ten retries before it has seen anything', () => {
    const budget = new RetryBudget();
    expect(budget.balance).toBe(10);
    expect(spend(budget, 'retry')).toBe(10);
    expect(budget.balance).toBe(0);
  });

  it('pays for the next one after ten first attempts, and not after nine', () => {
    const budget = new RetryBudget();
    spend(budget, 'retry');
    for (let attempt = 0; attempt < 9; attempt += 1) budget.deposit();
    expect(budget.balance).toBe(0.9);
    expect(budget.withdraw('retry')).toBe(false);
    expect(budget.balance).toBe(0.9);
    budget.deposit();
    expect(spend(budget, 'retry')).toBe(1);
    expect(budget.balance).toBe(0);
  });

  it('saves up a hundred at most', () => {
    expect(budgetAfter(899).balance).toBe(99.9);
    expect(budgetAfter(900).balance).toBe(100);
    expect(spend(budgetAfter(10_000), 'retry')).toBe(100);
  });

  it('is exact over a million first attempts: a tenth, to the token', () => {
    const budget = new RetryBudget();
    spend(budget, 'retry');
    let retries = 0;
    for (let attempt = 0; attempt < 1_000_000; attempt += 1) {
      budget.deposit();
      if (budget.withdraw('retry')) retries += 1;
    }
    expect(retries).toBe(100_000);
    expect(budget.balance).toBe(0);
  });

  it('pays for no hedge before twenty first attempts: there is no reserve', () => {
    expect(spend(budgetAfter(0), 'hedge')).toBe(0);
    expect(spend(budgetAfter(19), 'hedge')).toBe(0);
    expect(spend(budgetAfter(20), 'hedge')).toBe(1);
  });

  it('is exact over a million first attempts with hedges: a twentieth, to the token', () => {
    const budget = new RetryBudget();
    let hedges = 0;
    for (let attempt = 0; attempt < 1_000_000; attempt += 1) {
      budget.deposit();
      if (budget.withdraw('hedge')) hedges += 1;
    }
    expect(hedges).toBe(50_000);
  });

  it('saves up ten hedges at most, and then pays for a twentieth again', () => {
    const budget = budgetAfter(100_000);
    expect(spend(budget, 'hedge')).toBe(10);
    for (let attempt = 0; attempt < 40; attempt += 1) budget.deposit();
    expect(spend(budget, 'hedge')).toBe(2);
  });

  it('pays retries and hedges out of one purse', () => {
    const budget = budgetAfter(900);
    expect(budget.withdraw('hedge')).toBe(true);
    expect(budget.balance).toBe(99);
    expect(spend(budget, 'retry')).toBe(99);
    expect(budget.withdraw('hedge')).toBe(false);
  });

  it('keeps what hedges have saved when retries emptied the purse', () => {
    const budget = budgetAfter(200);
    spend(budget, 'retry');
    for (let attempt = 0; attempt < 10; attempt += 1) budget.deposit();
    expect(spend(budget, 'hedge')).toBe(1);
  });

  it('whatever comes in whatever order: never negative, never above the promise, and as good as its word', () => {
    const step = fc.oneof(
      { weight: 12, arbitrary: fc.constant('deposit' as const) },
      { weight: 2, arbitrary: fc.constant('retry' as const) },
      { weight: 2, arbitrary: fc.constant('hedge' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const budget = new RetryBudget();
        let [first, extra, hedges] = [0, 0, 0];
        for (const what of steps) {
          const before = budget.balance;
          if (what === 'deposit') {
            budget.deposit();
            first += 1;
          } else {
            const affords = budget.affords(what);
            const granted = budget.withdraw(what);
            expect(granted).toBe(affords);
            expect(budget.balance).toBeCloseTo(granted ? before - 1 : before, 9);
            extra += granted ? 1 : 0;
            hedges += granted && what === 'hedge' ? 1 : 0;
          }
          expect(budget.balance).toBeGreaterThanOrEqual(0);
          expect(extra).toBeLessThanOrEqual(10 + first / 10);
          expect(hedges).toBeLessThanOrEqual(first / 20);
        }
        expect(budget.balance).toBeLessThanOrEqual(100);
      }),
    );
  });
});

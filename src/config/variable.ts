import { z } from 'zod';

/** One environment variable: how its text becomes a value, its bounds, its default and what it is for. */
export interface Variable<T> {
  readonly schema: z.ZodType<T, string>;
  /** As it would stand in the environment; undefined when the variable must be set. */
  readonly default: string | undefined;
  /** What is accepted, for people: "0–100000". */
  readonly bound: string;
  readonly about: string;
}

export type Values<V extends Record<string, Variable<unknown>>> = {
  readonly [K in keyof V]: V[K] extends Variable<infer T> ? T : never;
};

function number(
  kind: 'integer' | 'ratio',
  [min, max]: readonly [number, number],
  fallback: number | undefined,
  about: string,
): Variable<number> {
  const pattern = kind === 'integer' ? /^\d{1,15}$/ : /^(\d{1,15}(\.\d{1,15})?|\.\d{1,15})$/;
  const what = kind === 'integer' ? 'a whole number' : 'a number';
  return {
    schema: z
      .string()
      .refine((text) => pattern.test(text) && Number(text) >= min && Number(text) <= max, {
        message: `must be ${what} from ${min} to ${max}`,
      })
      .transform(Number),
    default: fallback?.toString(),
    bound: `${min}–${max}`,
    about,
  };
}

/** A whole number of things. */
export const count = (
  fallback: number,
  about: string,
  min = 0,
  max = 1_000_000,
): Variable<number> => number('integer', [min, max], fallback, about);

/** A duration in ms. */
export const durationMs = (fallback: number, about: string, min = 1): Variable<number> =>
  number('integer', [min, 600_000], fallback, about);

/** A share between 0 and 1. */
export const ratio = (fallback: number, about: string): Variable<number> =>
  number('ratio', [0, 1], fallback, about);

export const port = (fallback: number, about: string): Variable<number> =>
  number('integer', [0, 65_535], fallback, about);

export function oneOf<const Choice extends string>(
  choices: readonly [Choice, ...Choice[]],
  fallback: Choice,
  about: string,
): Variable<Choice> {
  const bound = choices.join(', ');
  return {
    schema: z.string().pipe(z.enum(choices, { error: `must be one of ${bound}` })) as z.ZodType<
      Choice,
      string
    >,
    default: fallback,
    bound,
    about,
  };
}

export const flag = (fallback: boolean, about: string): Variable<boolean> => ({
  schema: z
    .string()
    .pipe(z.enum(['true', 'false'], { error: 'must be true or false' }))
    .transform((text) => text === 'true'),
  default: String(fallback),
  bound: 'true, false',
  about,
});

export const text = (fallback: string, about: string): Variable<string> => ({
  schema: z.string().min(1, 'must not be empty'),
  default: fallback,
  bound: 'not empty',
  about,
});

/** Thrown by a parser: what is wrong with a value, in words that can follow it. */
export class ValueProblem extends Error {}

/** A value with a grammar of its own; `parse` throws a `ValueProblem`. @param fallback undefined: it must be set */
export const parsed = <T>(
  parse: (text: string) => T,
  bound: string,
  about: string,
  fallback?: string,
): Variable<T> => ({
  schema: z.string().transform((value, context) => {
    try {
      return Object.freeze(parse(value));
    } catch (error) {
      if (!(error instanceof ValueProblem)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  }),
  default: fallback,
  bound,
  about,
});

/** A value with a check of its own, which returns what is wrong, or undefined. @param fallback undefined: it must be set */
export const checked = (
  check: (value: string) => string | undefined,
  bound: string,
  about: string,
  fallback?: string,
): Variable<string> => ({
  schema: z.string().superRefine((value, context) => {
    const problem = check(value);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  }),
  default: fallback,
  bound,
  about,
});

/** Like `checked`, and may be left unset: the value is then undefined. */
export const optional = (
  check: (value: string) => string | undefined,
  bound: string,
  about: string,
): Variable<string | undefined> => ({
  schema: checked(
    (value) => (value === '' ? undefined : check(value)),
    bound,
    about,
  ).schema.transform((value) => (value === '' ? undefined : value)),
  default: '',
  bound,
  about,
});

import type { Labels } from '../metric-names.ts';

/** Reads PromQL as far as our own rules and panels use it: which series, which labels, which words. */

/** `name{label="word"}`, or a bare name. */
interface Selector {
  readonly name: string;
  readonly matchers: readonly Matcher[];
}

interface Matcher {
  readonly label: string;
  /** What the label is compared with; the parts of a plain alternation for =~ and !~. */
  readonly words: readonly string[];
}

const KEYWORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;

/** What the expression asks for that nobody says: names, labels and words, each with the reason. */
export function unknownIn(expr: string, known: ReadonlyMap<string, Labels>): readonly string[] {
  const selectors = selectorsOf(expr);
  const labels = new Set(selectors.flatMap(({ name }) => [...(known.get(name)?.keys() ?? [])]));
  const problems = selectors.flatMap(({ name, matchers }) => {
    const ofName = known.get(name);
    if (ofName === undefined) return [`no such series: ${name}`];
    return matchers.flatMap(({ label, words }) => {
      const ofLabel = ofName.get(label);
      if (ofLabel === undefined) return [`${name} has no label ${label}`];
      const isOpen = ofLabel.length === 0;
      return words
        .filter((word) => !isOpen && !word.includes('$') && !ofLabel.includes(word))
        .map((word) => `${name}: ${label} is never ${word}`);
    });
  });
  const grouped = groupedBy(expr).filter((label) => !labels.has(label));
  return [...problems, ...grouped.map((label) => `nothing here has a label ${label}: ${expr}`)];
}

/** The labels that it groups or joins by. */
export function groupedBy(expr: string): readonly string[] {
  return [...expr.matchAll(GROUPING)].flatMap(([, list = '']) => wordsOf(list, ','));
}

export function selectorsOf(expr: string): readonly Selector[] {
  const plain = expr.replace(GROUPING, ' ').replaceAll(/\[[^\]]*\]/g, ' ');
  const found = plain.matchAll(/(?<![\w.$"|])([a-zA-Z_:][\w:]*)\s*(\{[^}]*\}|\()?/g);
  return [...found]
    .filter(([, name = '', after]) => after !== '(' && !KEYWORDS.has(name.toLowerCase()))
    .map(([, name = '', after = '']) => ({ name, matchers: matchersOf(after) }));
}

function matchersOf(braces: string): readonly Matcher[] {
  return [...braces.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(
    ([, label = '', operator = '', value = '']) => ({
      label,
      words: operator.includes('~') ? wordsOf(value, '|') : [value],
    }),
  );
}

const wordsOf = (list: string, separator: string): readonly string[] =>
  list
    .split(separator)
    .map((word) => word.trim())
    .filter((word) => word !== '');

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HAND_WRITTEN, tributary, USUAL_NEST } from '../contenders/node.ts';
import { prepared } from '../contenders/prepare.ts';
import { describeMachine } from '../machine/describe.ts';
import { choosePinning } from '../machine/pinning.ts';
import { figuresOf, seriesOf } from './figures.ts';
import { toChart, toSection } from './report.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { start, type Entrant, type Plan } from './trial.ts';

/** `npm run bench:faults`: what callers and sources feel when a source fails. bench/README.md says how to read it. */

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const pinning = choosePinning();

const { values } = parseArgs({
  options: {
    /** Names of scenarios, separated by commas; all of them by default. */
    only: { type: 'string', default: SCENARIOS.map(({ name }) => name).join(',') },
    /** Length of a fault. */
    seconds: { type: 'string', default: '12' },
    rate: { type: 'string', default: '100' },
    users: { type: 'string', default: '0' },
    /** Keys of contenders, separated by commas. */
    contenders: { type: 'string', default: 'tributary,hand-written,usual-nest' },
    service: { type: 'string', default: script('../../dist/main.js') },
    out: { type: 'string' },
  },
});
const secondsOfFault = Number(values.seconds);
const plan: Plan = {
  perSecond: Number(values.rate),
  users: Number(values.users),
  secondsBefore: Math.min(5, secondsOfFault),
  secondsOfFault,
  secondsAfter: secondsOfFault + 2,
};

const service = tributary(values.service);
const chosen = [service, HAND_WRITTEN, USUAL_NEST].filter(({ key }) =>
  values.contenders.split(',').includes(key),
);
const entrants: readonly Entrant[] = prepared(chosen).map((ready) => ({
  ready,
  knowsInstances: ready.contender === service,
}));

/** Time for all to be told what happens when. */
const LEAD_MS = 500;

/** All of them at the same time: what disturbs the machine disturbs them alike, and nobody is busy at this rate. */
async function run(scenario: Scenario) {
  const up = await Promise.all(entrants.map((entrant) => start(entrant, pinning)));
  const from = Date.now() + LEAD_MS;
  const trials = await Promise.all(up.map((each) => each.run(scenario, plan, from)));
  await Promise.all(up.map((each) => each.stop()));
  return trials;
}

const scenarios = SCENARIOS.filter(({ name }) => values.only.split(',').includes(name));
if (scenarios.length === 0)
  throw new Error(`--only takes some of ${SCENARIOS.map(({ name }) => name).join(',')}`);

const date = new Date().toISOString();
const folder = values.out ?? script(`../results/faults-${date.slice(0, 16).replace(':', '')}`);
mkdirSync(folder, { recursive: true });

const described = describeMachine(
  pinning,
  entrants.map(({ ready }) => ready),
);
const results = [];
const sections: string[] = [];
for (const scenario of scenarios) {
  const trials = await run(scenario);
  const figures = trials.map(figuresOf);
  const section = toSection(scenario, figures);
  process.stdout.write(`\n${section}\n`);
  sections.push(section);
  results.push({
    scenario: scenario.name,
    loadAverage: loadavg()[0],
    figures,
    series: trials.map((trial) => ({ contender: trial.contender, ...seriesOf(trial) })),
  });
  writeFileSync(`${folder}/${scenario.name}.svg`, toChart(scenario, trials));
}

const command = ['npm run bench:faults --', ...process.argv.slice(2)].join(' ');
const settings =
  `${plan.perSecond} requests/s for each contender, ${plan.secondsBefore} s well, ${plan.secondsOfFault} s of fault ` +
  `(shaded), ${plan.secondsAfter} s well again; the figures are those of the fault. Node ${process.version}, ` +
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}.`;
const head = `# Failure modes, ${date.slice(0, 10)}\n\n\`${command}\`: ${settings} How to read it: [bench/README.md](../../README.md#when-sources-fail).`;
writeFileSync(`${folder}/README.md`, `${[head, ...sections].join('\n\n')}\n`);
writeFileSync(
  `${folder}/faults.json`,
  `${JSON.stringify({ date, command, ...described, plan, results }, null, 1)}\n`,
);
process.stdout.write(`\n${folder}\n`);
process.exit(0);

import { median, round } from './stats.mjs';
import { formatTable } from './table.mjs';

function meets(aim, ouro, ssh) {
  if (aim === undefined) return undefined;
  if (aim.ratio !== undefined) return ouro / ssh <= aim.ratio;
  return aim.atLeast === undefined ? ouro <= aim.atMost : ouro >= aim.atLeast;
}

function aimText(aim, met) {
  if (aim === undefined) return '';
  const { ratio, atLeast, atMost } = aim;
  const bound =
    ratio === undefined ? `${atLeast === undefined ? '<=' : '>='} ${atLeast ?? atMost}` : `<= ${ratio} x`;
  return `${bound} ${met ? 'met' : 'MISSED'}`;
}

/** One line of the result: the medians of both sides, how they compare, and whether the aim is met. */
export function resultOf(measure, part, { ouro, ssh, before }) {
  const [a, b] = [median(ouro), median(ssh)];
  const aim = measure.aims?.[part];
  return {
    name: `${measure.name} ${part}`.trim(),
    unit: measure.unit,
    ouro: round(a),
    ssh: round(b),
    ratio: round(a / b),
    ...(aim === undefined ? {} : { aim, met: meets(aim, a, b) }),
    ...(before === undefined ? {} : { before: round(median(before)), toBefore: round(a / median(before)) }),
    runs: {
      ouro: ouro.map(round),
      ...(before === undefined ? {} : { before: before.map(round) }),
      ssh: ssh.map(round),
    },
  };
}

/** The whole report for a terminal. */
export function formatReport({ machine, runs, results, phases }) {
  const isCompared = results.some(({ before }) => before !== undefined);
  const rows = results.map(({ name, unit, ouro, ssh, ratio, aim, met, before, toBefore }) => [
    `${name} (${unit})`,
    String(ouro),
    ...(isCompared ? [String(before), `${toBefore} x`] : []),
    String(ssh),
    `${ratio} x`,
    aimText(aim, met),
  ]);
  const table = formatTable([
    ['', 'ouro', ...(isCompared ? ['before', 'to before'] : []), 'ssh', 'to ssh', 'aim'],
    ...rows,
  ]);
  const steps = phases.map(({ phase, ms }) => `${phase} ${ms} ms`).join(', ');
  return `${machine}\nMedians of ${runs} runs each, in turn.\n\n${table}\n\nOuro's phases: ${steps}\n`;
}

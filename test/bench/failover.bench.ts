/**
 * How long a client is without a right answer when something fails on the MASTER, beside keepalived in the same run: one
 * request each millisecond through the virtual address, by a client that gives up after 20 ms and connects anew, and by one
 * that waits on TCP. RUNS of each (default 5), each on a fresh pair, ours and keepalived's in turn. What came out is
 * written into docs/: failover.md, which says how the two pairs are set up, and failover.svg.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { KEEPALIVED_TUNED, OURS_BY_TUTORIAL, OURS_TUNED, type Start } from './failover/contenders.ts';
import { FAULTS, type Fault, type Outcome, run } from './failover/faults.ts';
import { holdersTable, median, plot, type Row, table } from './failover/report.ts';

const RUNS = Number(process.env.RUNS ?? 5);
/** Only faults whose name contains this. */
const ONLY = process.env.FAULT ?? '';
/** After so many runs without end the others are spared. */
const NEVERS = 2;

const faults = FAULTS.filter(({ name }) => name.includes(ONLY));

interface Side {
  readonly start: Start;
  /** `advert_int`, in ms. */
  readonly interval: number;
}

/** RUNS of the fault with each side, in turn. */
async function series(sides: readonly Side[], fault: Fault): Promise<(Outcome[] | null)[]> {
  const all: (Outcome[] | null)[] = sides.map(() => []);
  for (let number = 0; number < RUNS; number++) {
    for (const [index, { start, interval }] of sides.entries()) {
      const outcomes = all[index]!;
      if (outcomes === null) continue;
      if (outcomes.filter(({ patient }) => patient === Number.POSITIVE_INFINITY).length >= NEVERS) continue;
      const outcome = await run(start, fault, (number + 0.5) / RUNS, interval);
      if (outcome === null) all[index] = null;
      else outcomes.push(outcome);
      console.log(fault.name, index === 0 ? 'ours' : 'keepalived', JSON.stringify(outcome));
    }
  }
  return all;
}

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

/** Replaces one part of docs/failover.md, which is made anew from its text when it is not there. */
function publish(part: string, body: string): void {
  if (ONLY !== '') return;
  const file = `${DOCS}failover.md`;
  mkdirSync(DOCS, { recursive: true });
  if (!existsSync(file)) copyFileSync(fileURLToPath(new URL('./failover/page.md', import.meta.url)), file);
  const [begin, end] = [`<!-- ${part} -->`, `<!-- end of ${part} -->`];
  const page = readFileSync(file, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file}: no ${begin} … ${end}`);
  writeFileSync(file, `${page.slice(0, from + begin.length)}\n\n${body}\n${page.slice(to)}`);
}

const measuredHere = (): string =>
  `Median and worst of ${RUNS} in ms, ${cpus().length} cores, Node.js ${process.version}, Linux.`;

/** Where a master fell silent without a word: the time that chance does not touch, a line for each fault. */
function sinceAdvertisements(rows: readonly Row[]): string {
  const since = (of: readonly Outcome[] | null): number[] =>
    (of ?? []).flatMap(({ sinceAdvertisement }) => sinceAdvertisement ?? []);
  return rows
    .filter(({ ours, keepalived }) => since(ours).length > 0 && since(keepalived).length > 0)
    .map(({ fault, ours, keepalived }) => {
      const [own, theirs] = [ours, keepalived].map((side) => Math.round(median(since(side))));
      return `${fault}: ${own} ms after the master's last advertisement, keepalived ${theirs} ms.\n`;
    })
    .join('');
}

test('tuned, beside keepalived', async () => {
  const rows: Row[] = [];
  const sides = [
    { start: OURS_TUNED, interval: 100 },
    { start: KEEPALIVED_TUNED, interval: 100 },
  ];
  for (const fault of faults) {
    const [ours, keepalived] = await series(sides, fault);
    rows.push({ fault: fault.name, ours: ours!, keepalived: keepalived! });
  }
  console.log(table(rows));
  const silences = sinceAdvertisements(rows);
  console.log(silences);
  console.log(holdersTable(rows));
  publish('tuned', `${measuredHere()}\n\n${table(rows)}\n${silences}`);
  publish('holders', `${measuredHere()}\n\n${holdersTable(rows)}`);
  if (ONLY === '') {
    const caption = `VRRP v3, adverts and checks each 0.1 s; one request per millisecond through the virtual IP; ${RUNS} runs each`;
    writeFileSync(`${DOCS}failover.svg`, plot(rows, caption));
  }
  for (const { fault, ours } of rows) {
    expect(median(ours.map(({ patient }) => patient)), fault).toBeLessThan(10_000);
  }
});

test("the first tutorial's numbers", async () => {
  const rows: Row[] = [];
  for (const fault of faults) {
    const [ours] = await series([{ start: OURS_BY_TUTORIAL, interval: 1000 }], fault);
    rows.push({ fault: fault.name, ours: ours!, keepalived: null });
  }
  console.log(table(rows));
  console.log(holdersTable(rows));
  publish('tutorial', `${measuredHere()}\n\n${table(rows)}\n${holdersTable(rows)}`);
  for (const { fault, ours } of rows) {
    expect(median(ours.map(({ patient }) => patient)), fault).toBeLessThan(10_000);
  }
});

/** `memcache-ha drill` on a live pair in the lab: real faults, measured and undone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DrillReport } from '../../src/drill/report/report.ts';
import type { Host } from '../../src/lab/host.ts';
import type { LabProcess } from '../../src/lab/process.ts';
import { bundledPair } from './support/bundled.ts';
import { controlOf, MEMCACHE_HA } from './support/daemon.ts';
import { type Config, type Member, type Pair, startPair } from './support/pair.ts';

/** The bundled proxy's pair; each host shows its status to the other one. */
function config(host: Host): Config {
  const seen = { metrics: { listen: `${host.address}:9650` }, router_id: host.name.toUpperCase() };
  return bundledPair(host, { run: 'always' }, { sections: { global_defs: seen } });
}

let pair: Pair;
beforeAll(async () => {
  pair = await startPair({ config });
});
afterAll(() => pair?.destroy());

const other = ({ host }: Member): Member => (host.name === 'a' ? pair.b : pair.a);

/** Starts a drill on a host, `--yes` and the ways to both daemons added. */
function startDrill(member: Member, ...words: readonly string[]): LabProcess {
  const { host } = member;
  const ways = ['--control', controlOf(host), '--peer', `${other(member).host.address}:9650`, '--yes'];
  return host.spawn([...MEMCACHE_HA, 'drill', ...words, ...ways]);
}

interface Drilled {
  readonly code: number | null;
  readonly output: string;
  readonly report: DrillReport;
}

async function drill(member: Member, ...words: readonly string[]): Promise<Drilled> {
  const file = join(member.host.directory, 'drill.json');
  const running = startDrill(member, ...words, '--report', file);
  const { code } = await running.exited;
  const output = `${running.stderr.text()}\n${running.stdout.text()}`;
  if (process.env.SHOW) console.log(output);
  return { code, output, report: JSON.parse(readFileSync(file, 'utf8')) as DrillReport };
}

describe('on the MASTER', () => {
  test('hang-memcached: the peer takes over, and memcached goes on afterwards', async () => {
    const { code, output, report } = await drill(pair.a, 'hang-memcached', '--max-outage', '2');
    expect(code, output).toBe(0);
    expect(report).toMatchObject({ outcome: 'good', role: 'MASTER', expectation: 'failover' });
    await pair.waitHolder('a');
  });
});

/**
 * A real Prometheus with our scrape config and alert rules beside a real pair: silent in health, true in a fault, and with
 * an answer to every query of the dashboard.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { until } from '../../src/lab/await.ts';
import type { Host } from '../../src/lab/host.ts';
import { ready } from '../../src/lab/programs.ts';
import { bundledPair } from './support/bundled.ts';
import { dashboardQueries, pairVariable } from './support/dashboard.ts';
import { type Config, type Pair, startPair, VIP } from './support/pair.ts';

const DEPLOY = fileURLToPath(new URL('../../deploy/prometheus/', import.meta.url));
const SERVER = 'http://127.0.0.1:9090';

interface Rule {
  readonly alert: string;
  readonly expr: string;
}
const rules = (
  parse(readFileSync(`${DEPLOY}memcache-ha.rules.yml`, 'utf8')) as { groups: [{ rules: readonly Rule[] }] }
).groups[0].rules;

/** What the dashboard asks in vain here: this daemon runs no memcached, no refill is under way, nothing was discarded. */
const EMPTY = [
  'Failed probes and restarts: {{instance}} {{name}} restarted',
  'Refill: {{instance}} {{name}} done',
  'Discarded: {{instance}} {{exported_instance}} {{reason}}',
];

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** An instant query, from beside the server. */
async function query(place: Host, expr: string): Promise<readonly Sample[]> {
  const words = ['promtool', 'query', 'instant', '--format=json', SERVER, expr];
  const { stdout } = await place.exec(words, { deadline: 10_000 });
  return JSON.parse(stdout) as readonly Sample[];
}

/** The files of deploy/, with the lab's targets and a pace for a test. */
async function startPrometheus(place: Host, targets: readonly string[]): Promise<void> {
  const folder = join(place.directory, 'prometheus');
  mkdirSync(folder);
  const config = parse(readFileSync(`${DEPLOY}prometheus.yml`, 'utf8'));
  config.global = { scrape_interval: '1s', evaluation_interval: '1s' };
  config.scrape_configs[0].static_configs[0].targets = targets;
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  copyFileSync(`${DEPLOY}memcache-ha.rules.yml`, join(folder, 'memcache-ha.rules.yml'));
  const server = place.spawn([
    'prometheus',
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    '--web.listen-address=127.0.0.1:9090',
    '--log.level=warn',
  ]);
  await ready(server, 'Prometheus listens', () => place.listens(9090));
}

describe('Prometheus', () => {
  let pair: Pair;
  const samples = (expr: string) => query(pair.lab.client, expr);
  const hostOf = ({ metric }: Sample): string => metric.instance!.replace(/:.*/, '');

  beforeAll(async () => {
    // All that has a panel: two copies compared, the bundled proxy, a hook and a script.
    const peers: Readonly<Record<string, string>> = { a: '10.9.0.102', b: '10.9.0.101' };
    const config = (host: Host): Config =>
      bundledPair(
        host,
        {},
        {
          instance: {
            notify: '/bin/true',
            track_script: ['chk'],
            track_memcached: [{ name: 'local', warm: true }],
          },
          sections: {
            global_defs: { metrics: { listen: `${host.address}:9650` } },
            memcached: {
              local: {
                address: `${host.address}:11211`,
                peer: peers[host.name],
                interval: 0.1,
                timeout: 0.3,
                rise: 1,
              },
            },
            vrrp_script: { chk: { script: '/bin/true', interval: 1 } },
          },
        },
      );
    pair = await startPair({ config });
    const { a, b } = pair;
    await startPrometheus(pair.lab.client, [`${a.host.address}:9650`, `${b.host.address}:9650`]);
  });
  afterAll(() => pair.destroy());

  test('scrapes both hosts', async () => {
    const { a, b } = pair;
    const both = [a.host.address, b.host.address];
    await until('both were scraped', async () => (await samples('up{job="memcache-ha"} == 1')).length === 2);
    for (const name of ['memcache_ha_build_info', 'memcache_ha_memcached_up', 'memcached_uptime_seconds']) {
      expect((await samples(name)).map(hostOf).sort(), name).toEqual(both);
    }
    const holders = await samples('memcache_ha_vip_held == 1');
    expect(holders).toMatchObject([
      { metric: { exported_instance: 'VI_1', address: VIP, pair: 'sessions' } },
    ]);
    expect(hostOf(holders[0]!)).toBe(a.host.address);
  });

  test('no alert has a reason in health', async () => {
    const any = rules.map(
      ({ alert, expr }) => `label_replace(vector(1) and on () (${expr}), "alert", "${alert}", "", "")`,
    );
    expect(await samples(any.join(' or '))).toEqual([]);
  });

  const expression = (alert: string): string => rules.find((rule) => rule.alert === alert)!.expr;
  const becomesTrue = (alert: string): Promise<readonly Sample[]> =>
    until(`${alert} has a reason`, async () => {
      const found = await samples(expression(alert));
      return found.length > 0 && found;
    });

  test('a killed memcached is MemcacheHaMemcachedDown and MemcacheHaFault of its host', async () => {
    const { a, b } = pair;
    a.memcached.kill('SIGKILL');
    await b.daemon.waitState('MASTER');
    expect((await becomesTrue('MemcacheHaMemcachedDown')).map(hostOf)).toEqual([a.host.address]);
    expect((await becomesTrue('MemcacheHaFault')).map(hostOf)).toEqual([a.host.address]);
    await a.startMemcached();
    await a.daemon.waitState('MASTER');
    await b.daemon.waitState('BACKUP');
    await until('it is over', async () => (await samples(expression('MemcacheHaFault'))).length === 0);
  });

  test('every query of the dashboard has an answer, with all that its legend names', async () => {
    const { selector, label } = pairVariable();
    const values = await samples(`count by (${label}) (${selector})`);
    expect(values.map(({ metric }) => metric[label])).toEqual(['sessions']);

    const queries = dashboardQueries('sessions', '5m');
    const each = queries.map(
      ({ expr, labels }, index) =>
        `label_replace(count by (${labels}) (${expr}), "query", "${index}", "", "")`,
    );
    // Two scrapes are never of the same moment, and it was only just that the VIP moved.
    const isComplete = async (): Promise<boolean> => {
      const answers = (await samples(each.join(' or '))).map(({ metric }) => {
        return { ...queries[Number(metric.query)]!, metric };
      });
      expect(answers.filter(({ labels, metric }) => labels.some((name) => !metric[name]))).toEqual([]);
      const answered = new Set(answers.map(({ name }) => name));
      expect(queries.map(({ name }) => name).filter((name) => !answered.has(name))).toEqual(EMPTY);
      return true;
    };
    await until('every query is answered', isComplete, { every: 300 });
  });

  test('hosts that do not hear each other are MemcacheHaSplitBrain, and it is pending', async () => {
    const { lab, a, b } = pair;
    await Promise.all([lab.block(a.host, b.host), lab.block(b.host, a.host)]);
    await b.daemon.waitState('MASTER');
    expect(await becomesTrue('MemcacheHaSplitBrain')).toMatchObject([
      { metric: { address: VIP, pair: 'sessions' }, value: [expect.anything(), '2'] },
    ]);
    await becomesTrue('MemcacheHaTwoMasters');
    await until('the server evaluates the rule', async () => {
      const [alert] = await samples('ALERTS{alertname="MemcacheHaSplitBrain"}');
      return alert?.metric.severity === 'critical';
    });
  });
});

/** The alert rules, by promtool: each fires in its fault and no other does, and a pair in health is silent. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';

const FOLDER = fileURLToPath(new URL('../../../deploy/prometheus/', import.meta.url));
const RULES = `${FOLDER}memcache-ha.rules.yml`;

interface Rule {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
const rules = (
  parse(readFileSync(RULES, 'utf8')) as { groups: readonly { rules: readonly Rule[] }[] }
).groups.flatMap((group) => group.rules);

const promtool = (...words: readonly string[]) =>
  promisify(execFile)('promtool', words, { cwd: FOLDER }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(`${error.stdout}\n${error.stderr}`);
    },
  );

test('promtool check rules', async () => {
  expect((await promtool('check', 'rules', RULES)).stdout).toContain(`SUCCESS: ${rules.length} rules found`);
});

test('promtool check config', async () => {
  expect((await promtool('check', 'config', 'prometheus.yml')).stdout).toContain('SUCCESS');
});

/** Minutes from the start: everything is well, then the fault, then it is well again. */
const FAULT = 5;
const HEALED = 22;
const END = 39;
const SCRAPE_SECONDS = 15;
/** Slower than in production, because it is most of what this test takes. */
const EVALUATION_SECONDS = 30;
const scrapes = (minutes: number): number => (minutes * 60) / SCRAPE_SECONDS;

type Host = 'a' | 'b';
/** The labels and values of a metric on each host, by its name and own labels. */
type Series = ReadonlyMap<string, string>;

const steady = (value: number): string => `${value}x${scrapes(END)}`;
/** This value during the fault, the other one before and after. */
const during = (bad: number, good: number): string =>
  `${good}x${scrapes(FAULT)} ${bad}x${scrapes(HEALED - FAULT)} ${good}x${scrapes(END - HEALED)}`;
/** A counter that grows by so much a scrape during the fault. */
const growing = (step: number): string =>
  `0x${scrapes(FAULT)} 0+${step}x${scrapes(HEALED - FAULT)} ${step * scrapes(HEALED - FAULT)}x${scrapes(END - HEALED)}`;

const VIP = 'vip_held{exported_instance="VI_1",address="192.168.100.250"}';
const SECOND_VIP = 'vip_held{exported_instance="VI_2",address="192.168.100.251"}';
const state = (name: string): string => `vrrp_state{exported_instance="VI_1",state="${name}"}`;
const discarded = (reason: string): string =>
  `vrrp_advertisements_discarded_total{exported_instance="VI_1",reason="${reason}"}`;
const hook = (result: string): string =>
  `hook_runs_total{exported_instance="VI_1",hook="notify_master",result="${result}"}`;

/** A pair in health: A is MASTER. */
function health(host: Host): [string, string][] {
  const master = host === 'a' ? 1 : 0;
  return [
    ['up', 1],
    [VIP, master],
    [state('MASTER'), master],
    [state('BACKUP'), 1 - master],
    [state('FAULT'), 0],
    [
      'vrrp_transitions_total{exported_instance="VI_1",from="BACKUP",to="MASTER",reason="master_down"}',
      master,
    ],
    ['memcached_up{name="local"}', 1],
    ['memcached_restarts_total{name="local"}', 0],
    ['memcached_whole{name="local"}', 1],
    ['memcached_partner{name="local"}', 1],
    ['proxy_up{name="front"}', master],
    ['proxy_wanted{name="front"}', master],
    ['proxy_copy_up{name="front",copy="192.168.100.101:11211"}', 1],
    ['proxy_copy_whole{name="front",copy="192.168.100.101:11211"}', 1],
    ['proxy_restarts_total{name="front"}', 0],
    ['vip_conflicts_total{exported_instance="VI_1",address="192.168.100.250"}', 0],
    ['vip_readded_total{exported_instance="VI_1",address="192.168.100.250"}', 0],
    [discarded('password'), 0],
    ['vrrp_address_list_mismatches_total{exported_instance="VI_1"}', 0],
    [hook('success'), 3],
    [hook('not_runnable'), 0],
    ['config_last_reload_successful', 1],
  ].map(([name, value]) => [name as string, steady(value as number)]);
}

type Faults = Readonly<Partial<Record<Host, Readonly<Record<string, string>>>>>;

function inputSeries(faults: Faults) {
  return (['a', 'b'] as const).flatMap((host) => {
    const all: Series = new Map([...health(host), ...Object.entries(faults[host] ?? {})]);
    return [...all].map(([name, values]) => {
      const [, metric, own = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(name)!;
      const target = `job="memcache-ha",pair="sessions",instance="${host}:9650"`;
      const full = metric === 'up' ? metric : `memcache_ha_${metric}`;
      return { series: `${full}{${target}${own === '' ? '' : `,${own}`}}`, values };
    });
  });
}

/** What the hosts tell in the fault, and how many of which alerts fire then. */
const FAULTS: readonly (readonly [name: string, faults: Faults, alerts: Readonly<Record<string, number>>])[] =
  [
    [
      'the hosts do not hear each other',
      {
        b: {
          [VIP]: during(1, 0),
          [state('MASTER')]: during(1, 0),
          [state('BACKUP')]: during(0, 1),
          'proxy_up{name="front"}': during(1, 0),
        },
      },
      { MemcacheHaSplitBrain: 1, MemcacheHaTwoMasters: 1 },
    ],
    [
      'both memcacheds are down',
      {
        a: {
          [VIP]: during(0, 1),
          [state('MASTER')]: during(0, 1),
          [state('FAULT')]: during(1, 0),
          'memcached_up{name="local"}': during(0, 1),
          'proxy_up{name="front"}': during(0, 1),
        },
        b: {
          [state('BACKUP')]: during(0, 1),
          [state('FAULT')]: during(1, 0),
          'memcached_up{name="local"}': during(0, 1),
        },
      },
      {
        MemcacheHaNoMaster: 1,
        MemcacheHaBothMemcachedDown: 1,
        MemcacheHaFault: 2,
        MemcacheHaMemcachedDown: 2,
      },
    ],
    ['one daemon is down', { b: { up: during(0, 1) } }, { MemcacheHaDown: 1 }],
    [
      'both daemons are down',
      { a: { up: during(0, 1) }, b: { up: during(0, 1) } },
      { MemcacheHaDown: 2, MemcacheHaPairDown: 1 },
    ],
    [
      'one memcached is down',
      {
        b: {
          [state('BACKUP')]: during(0, 1),
          [state('FAULT')]: during(1, 0),
          'memcached_up{name="local"}': during(0, 1),
        },
      },
      { MemcacheHaFault: 1, MemcacheHaMemcachedDown: 1 },
    ],
    [
      'a memcached keeps dying',
      { b: { 'memcached_restarts_total{name="local"}': growing(0.1) } },
      { MemcacheHaMemcachedRestarting: 1 },
    ],
    [
      'the proxy is down where the VIP is',
      { a: { 'proxy_up{name="front"}': during(0, 1) } },
      { MemcacheHaProxyDown: 1 },
    ],
    [
      'the proxy keeps dying',
      { a: { 'proxy_restarts_total{name="front"}': growing(0.1) } },
      { MemcacheHaProxyRestarting: 1 },
    ],
    [
      'the VIP moves every minute',
      {
        b: {
          'vrrp_transitions_total{exported_instance="VI_1",from="BACKUP",to="MASTER",reason="master_down"}':
            growing(1 / 12),
        },
      },
      { MemcacheHaFlapping: 1 },
    ],
    [
      'a copy with `warm` stays cold',
      { b: { 'memcached_whole{name="local"}': during(0, 1) } },
      { MemcacheHaColdCache: 1 },
    ],
    [
      'a copy behind the proxy stays cold',
      { a: { 'proxy_copy_whole{name="front",copy="192.168.100.101:11211"}': during(0, 1) } },
      { MemcacheHaColdCache: 1 },
    ],
    [
      'a repcached is alone',
      { b: { 'memcached_partner{name="local"}': during(0, 1) } },
      { MemcacheHaReplicationLost: 1 },
    ],
    [
      'another machine claims the VIP',
      { a: { 'vip_conflicts_total{exported_instance="VI_1",address="192.168.100.250"}': growing(0.1) } },
      { MemcacheHaVipConflict: 1 },
    ],
    [
      'somebody removes the VIP again and again',
      { a: { 'vip_readded_total{exported_instance="VI_1",address="192.168.100.250"}': growing(0.1) } },
      { MemcacheHaVipRemoved: 1 },
    ],
    [
      'the passwords differ',
      { b: { [discarded('password')]: growing(5) } },
      { MemcacheHaAdvertsDiscarded: 1 },
    ],
    [
      'the address lists differ',
      { b: { 'vrrp_address_list_mismatches_total{exported_instance="VI_1"}': growing(5) } },
      { MemcacheHaAddressListDiffers: 1 },
    ],
    [
      'a hook cannot be run',
      { b: { [hook('not_runnable')]: growing(1 / 60) } },
      { MemcacheHaHookFailing: 1 },
    ],
    [
      'a reload was refused',
      { b: { config_last_reload_successful: during(0, 1) } },
      { MemcacheHaConfigReloadFailed: 1 },
    ],
  ];

const once = (at: number, there: number, else_: number): string =>
  `${else_}x${scrapes(at) - 1} ${there} ${else_}x${scrapes(END - at)}`;

/** What is no fault. */
const SILENT: readonly (readonly [name: string, faults: Faults])[] = [
  ['in health', {}],
  // The two scrapes are up to an interval apart, so the VIP may be seen on both hosts once, or on none.
  ['when a move looks like two holders in one scrape', { b: { [VIP]: once(FAULT, 1, 0) } }],
  ['when a move looks like no holder in one scrape', { a: { [VIP]: once(FAULT, 0, 1) } }],
  [
    'when the host hands over for good',
    {
      a: {
        [VIP]: `1x${scrapes(FAULT)} 0x${scrapes(END)}`,
        [state('MASTER')]: `1x${scrapes(FAULT)} 0x${scrapes(END)}`,
        'proxy_up{name="front"}': `1x${scrapes(FAULT)} 0x${scrapes(END)}`,
      },
      b: {
        [VIP]: `0x${scrapes(FAULT)} 1x${scrapes(END)}`,
        [state('MASTER')]: `0x${scrapes(FAULT)} 1x${scrapes(END)}`,
        'proxy_up{name="front"}': `0x${scrapes(FAULT)} 1x${scrapes(END)}`,
      },
    },
  ],
  [
    'when each host is MASTER of one of two instances, with a proxy each',
    {
      a: {
        [SECOND_VIP]: steady(0),
        'proxy_up{name="second"}': steady(0),
        'proxy_wanted{name="second"}': steady(0),
      },
      b: {
        [SECOND_VIP]: steady(1),
        'proxy_up{name="second"}': steady(1),
        'proxy_wanted{name="second"}': steady(1),
      },
    },
  ],
  ['when a scrape is missed', { a: { up: once(FAULT, 0, 1) } }],
  [
    'when one forged advertisement is discarded',
    { a: { [discarded('password')]: `0x${scrapes(FAULT)} 1x${scrapes(END)}` } },
  ],
  [
    'while a copy is refilled for ten minutes',
    {
      a: {
        'proxy_copy_whole{name="front",copy="192.168.100.101:11211"}': `1x${scrapes(FAULT)} 0x${scrapes(10)} 1x${scrapes(END)}`,
      },
    },
  ],
];

/** The alerts that fire at some minutes. */
type Expected = readonly (readonly [minute: number, alerts: Readonly<Record<string, number>>])[];

const CASES: readonly (readonly [name: string, faults: Faults, expected: Expected])[] = [
  ...FAULTS.map(
    ([name, faults, alerts]) =>
      [
        name,
        faults,
        [
          [FAULT - 1, {}],
          [HEALED - 0.5, alerts],
          [END - 0.5, {}],
        ],
      ] as const,
  ),
  ...SILENT.map(
    ([name, faults]) =>
      [name, faults, Array.from({ length: 2 * END }, (_, halves) => [halves / 2, {}] as const)] as const,
  ),
];

/** What promtool found wrong, by case; all of them in one run, for it takes its time to start. */
const wrong = new Map<string, string>();
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'memcache-ha-rules-'));
  const file = join(folder, 'cases.yml');
  const tests = CASES.map(([name, faults, expected]) => ({
    interval: `${SCRAPE_SECONDS}s`,
    input_series: inputSeries(faults),
    promql_expr_test: expected.map(([minute, alerts]) => ({
      // The comment tells the cases apart in what promtool says.
      expr: `count by (alertname) (ALERTS{alertstate="firing"}) # <${name}>`,
      eval_time: `${minute * 60}s`,
      exp_samples: Object.entries(alerts).map(([alert, value]) => ({
        labels: `{alertname="${alert}"}`,
        value,
      })),
    })),
  }));
  writeFileSync(
    file,
    stringify({ rule_files: [RULES], evaluation_interval: `${EVALUATION_SECONDS}s`, tests }),
  );
  const said = await promtool('test', 'rules', file).then(
    ({ stdout }) => stdout,
    (error: Error) => error.message,
  );
  rmSync(folder, { recursive: true });
  for (const part of said.split(/^ {2,}(?=expr: )/m)) {
    const name = /<(.*?)>/.exec(part)?.[1];
    if (name !== undefined) wrong.set(name, part);
  }
  if (!said.includes('SUCCESS') && wrong.size === 0) throw new Error(said);
}, 60_000);

test.each(FAULTS)('fires: %s', (name) => expect(wrong.get(name)).toBeUndefined());
test.each(SILENT)('is silent: %s', (name) => expect(wrong.get(name)).toBeUndefined());

test('every alert fires in one of these', () => {
  const seen = new Set(FAULTS.flatMap(([, , alerts]) => Object.keys(alerts)));
  expect(rules.map(({ alert }) => alert).filter((alert) => !seen.has(alert))).toEqual([]);
});

describe.each(rules)('$alert', ({ labels, annotations }) => {
  test('says how bad it is, what it is and what to do', () => {
    expect(labels.severity).toMatch(/^(critical|warning)$/);
    expect(annotations.summary).toMatch(/\{\{/);
    expect(annotations.description!.length).toBeGreaterThan(40);
  });
});

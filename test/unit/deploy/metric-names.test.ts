/** Whatever the alerts and the dashboard ask Prometheus for, the daemon has, under that name and with those labels. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { registerMemcachedMetrics } from '../../../src/daemon/memcached-metrics.ts';
import { createMetrics } from '../../../src/daemon/metrics.ts';

const read = (file: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../deploy/${file}`, import.meta.url)), 'utf8');

const { registry } = createMetrics('0.0.0');
registerMemcachedMetrics(registry, () => new Map());
interface Registered {
  readonly name: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}
/** The labels of every name that a scrape may have; `up` is Prometheus' own. */
const known = new Map<string, readonly string[]>([['up', []]]);
for (const { name } of registry.getMetricsAsArray()) {
  const { type, labelNames = [] } = registry.getSingleMetric(name) as unknown as Registered;
  const samples = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  for (const suffix of samples) known.set(`${name}${suffix}`, labelNames);
}
/** Labels that the scrape gives; our `instance` becomes exported_instance. */
const TARGET = ['job', 'pair', 'instance', 'exported_instance', 'le'];

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly expr: string }[];
  }[];
}
interface Panel {
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly w: number };
  readonly fieldConfig: { readonly defaults: { readonly unit: string } };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
}
const alerts = (parse(read('prometheus/memcache-ha.rules.yml')) as Rules).groups.flatMap(
  ({ rules }) => rules,
);
const dashboard = JSON.parse(read('grafana/memcache-ha.json')) as Dashboard;
const panels = dashboard.panels.filter(({ type }) => type !== 'row');

const queries: readonly (readonly [where: string, expr: string])[] = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
  ...dashboard.annotations.list.map(({ name, expr }) => [name, expr] as const),
];

const METRIC = /\b(?:up|(?:memcache_ha|memcached|process)_\w+)\b(?:\{([^}]*)\})?/g;

test.each(queries)('%s: %s', (_, expr) => {
  const used = [...expr.matchAll(METRIC)];
  expect(used.length).toBeGreaterThan(0);
  const labels = new Set(TARGET);
  for (const [text, matchers = ''] of used) {
    const name = text.replace(/\{.*/, '');
    expect(known.has(name), `${name} is no metric`).toBe(true);
    const own = known.get(name)!;
    for (const label of own) labels.add(label);
    for (const [, label] of matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) {
      expect([...own, ...TARGET], `${name} has no label ${label}`).toContain(label);
    }
  }
  for (const [, list = ''] of expr.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)) {
    for (const label of list.split(/,\s*/)) expect([...labels]).toContain(label);
  }
});

test('every query of the dashboard is PromQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'memcache-ha-dashboard-'));
  const file = join(folder, 'queries.yml');
  const rules = queries.map(([, expr], index) => ({
    record: `query_${index}`,
    expr: expr.replace(/\$__\w+/g, '5m'),
  }));
  writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
  const said = execFileSync('promtool', ['check', 'rules', '--lint=none', file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(said).toContain(`SUCCESS: ${queries.length} rules found`);
});

test('the dashboard shows what an operator looks for', () => {
  const shown = new Set(
    panels
      .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
      .join(' ')
      .match(/\bmemcache_ha_\w+/g),
  );
  const own = registry
    .getMetricsAsArray()
    .map(({ name }) => name)
    .filter((name) => name.startsWith('memcache_ha_'));
  const absent = own.filter(
    (name) => ![...shown].some((one) => one === name || one.replace(/_(bucket|sum|count)$/, '') === name),
  );
  // Not a matter of a graph: a version, and what the alerts watch.
  expect(absent).toEqual([
    'memcache_ha_build_info',
    'memcache_ha_memcached_process_up',
    'memcache_ha_memcached_partner',
    'memcache_ha_proxy_wanted',
    'memcache_ha_config_reloads_total',
    'memcache_ha_config_last_reload_successful',
  ]);
});

test('every panel has its place, a unit and a legend', () => {
  for (const panel of panels) {
    expect(panel.gridPos.x + panel.gridPos.w).toBeLessThanOrEqual(24);
    expect(panel.fieldConfig.defaults.unit).not.toBe('');
    for (const { legendFormat } of panel.targets!) expect(legendFormat).not.toBe('');
  }
});

/** The dashboard is what Grafana's own types say, to the last option: Grafana leaves out in silence what it does not know. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const place = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const DASHBOARD = readFileSync(place('../../../deploy/grafana/memcache-ha.json'), 'utf8');
const TSC = place('../../../node_modules/typescript/bin/tsc');
const STRICT = [
  '--noEmit',
  '--strict',
  '--skipLibCheck',
  '--allowImportingTsExtensions',
  '--pretty',
  'false',
];
const MODULES = ['--module', 'ESNext', '--moduleResolution', 'bundler', '--types', ''];

/** Mistakes, each of which leaves the file JSON. */
const MISTAKES: readonly (readonly [wrong: string, right: string])[] = [
  ['"txtMode"', '"textMode"'],
  ['"textMode": "nam"', '"textMode": "name"'],
  ['"lineInterp"', '"lineInterpolation"'],
  ['"drawStyle": "lines"', '"drawStyle": "line"'],
  ['"mode": "palette"', '"mode": "palette-classic"'],
  ['"sort": "down"', '"sort": "desc"'],
  ['"units"', '"unit"'],
  ['"includesAll"', '"includeAll"'],
  ['"refresh": 7', '"refresh": 2'],
  ['"legend_format"', '"legendFormat"'],
  ['"type": "time-series"', '"type": "timeseries"'],
];

test('the dashboard keeps to Grafana’s schema, and a mistake in it would be seen', () => {
  const folder = mkdtempSync(join(tmpdir(), 'memcache-ha-dashboard-'));
  const write = (name: string, json: string): string => {
    const type = `import type { DashboardFile } from '${place('dashboard-schema.ts')}';`;
    writeFileSync(join(folder, name), `${type}\nexport default ${json.trim()} satisfies DashboardFile;\n`);
    return name;
  };
  const wrongs = MISTAKES.map(([wrong, right], index) => {
    expect(DASHBOARD).toContain(right);
    return write(`mistake-${index}.ts`, DASHBOARD.replace(right, wrong));
  });
  const files = [write('dashboard.ts', DASHBOARD), ...wrongs];
  const { stdout } = spawnSync(process.execPath, [TSC, ...STRICT, ...MODULES, ...files], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  rmSync(folder, { recursive: true });
  const errors = stdout.split('\n').filter((line) => /^\S/.test(line));
  expect(errors.filter((line) => !line.startsWith('mistake-'))).toEqual([]);
  for (const [index, [wrong]] of MISTAKES.entries()) {
    expect(errors.filter((line) => line.startsWith(`mistake-${index}.ts(`)).length, wrong).toBeGreaterThan(0);
  }
}, 60_000);

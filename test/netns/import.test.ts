/** The command `import` prints what the drills run on, and `check` accepts it on the host that it was made for. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { memcacheHa } from './support/daemon.ts';
import { importTutorial, install, type ProxyChoice, type Tutorial } from './support/imported.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await createLab({ prefix: 'mhaimport' });
});
afterAll(() => lab.destroy());

describe.each<[Tutorial, ProxyChoice]>([
  ['tutorial1', null],
  ['tutorial1', 'magent'],
  ['tutorial2', null],
])('%s, --proxy %s', (tutorial, proxy) => {
  test.each(['a', 'b'])('host %s', async (name) => {
    const host = lab.hosts[name]!;
    const { conf, loose } = install(host, tutorial);
    const options = [...loose.flatMap((file) => ['--script', file]), ...(proxy ? ['--proxy', proxy] : [])];
    const printed = await memcacheHa(host, 'import', conf, '--strict', ...options);
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    expect(parse(printed.stdout)).toEqual(importTutorial(host, tutorial, proxy));
    const file = join(host.directory, 'imported.yaml');
    writeFileSync(file, printed.stdout);
    expect(await memcacheHa(host, 'check', '--config', file)).toMatchObject({ code: 0, stderr: '' });
  });
});

/**
 * `memcache-ha demo`: two hosts and a client in network namespaces, and real failovers before your eyes. Owns the
 * command from its options to its exit code, and that nothing is left behind however it ends.
 */
import { cpSync, mkdtempSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOptions } from '../cli/options.ts';
import { startCapture } from '../lab/capture.ts';
import { monotonicNow } from '../lab/monotonic.ts';
import { createLab, type Lab } from '../lab/namespaces.ts';
import { DemoFailure, type Scene } from './chapter.ts';
import { createDemoHost } from './demo-host.ts';
import { startJanitor } from './janitor.ts';
import { commandsToTry } from './keep.ts';
import { thisMachine, whatIsLacking } from './requirements.ts';
import { backInService, epilogue, playAll } from './scenario.ts';
import { createStyle, wantsColour } from './style.ts';
import { introduction } from './words.ts';

/** Begins the names of the demo's namespaces. */
const PREFIX = 'mhademo';

/** Exit 0 when every failover was seen and every check held, 1 when not, 2 for bad usage; interrupted: 128 + signal. */
export async function demo(argv: readonly string[]): Promise<number> {
  const options = readOptions('demo', argv, { keep: { type: 'boolean', default: false } });
  if (options === null) return 2;
  const lacking = whatIsLacking(thisMachine);
  if (lacking !== null) {
    process.stderr.write(`memcache-ha demo: ${lacking}\n`);
    return 1;
  }
  let kept = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      process.stdout.write(kept ? '\nRemoving all of it.\n' : `\n${signal}: removing all of it.\n`);
      process.exit(kept ? 0 : 128 + constants.signals[signal]); // the lab removes itself at the exit
    });
  }
  const lab = await createLab({ prefix: PREFIX });
  const namespaces = [lab.hosts.a, lab.hosts.b, lab.client].map(({ namespace }) => namespace);
  const dismissJanitor = startJanitor([...namespaces, `${lab.name}-sw`], lab.directory);
  try {
    return await perform(lab, options.keep, () => {
      kept = true;
    });
  } finally {
    await lab.destroy();
    dismissJanitor();
  }
}

/** The whole performance; `onKept` when nothing is left to do but to wait for Ctrl-C. */
async function perform(lab: Lab<'a' | 'b'>, keep: boolean, onKept: () => void): Promise<number> {
  const begun = monotonicNow();
  const style = createStyle(wantsColour(process.stdout.isTTY, process.env));
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const program = [process.execPath, ...process.execArgv, process.argv[1]!];
  try {
    for (const line of introduction(lab)) print(line);
    const { a, b } = lab.hosts;
    const hosts = {
      A: createDemoHost('A', a, b, program),
      B: createDemoHost('B', b, a, program),
    };
    await Promise.all([hosts.A.startMemcached(), hosts.B.startMemcached()]);
    const capture = await startCapture(lab.client, { filter: 'ip proto 112 or arp' });
    const scene: Scene = { hosts, capture, style, client: null, checks: [], felt: [], print };
    await playAll(scene, lab, program);
    await epilogue(scene);
    const failed = scene.checks.filter(({ held }) => !held);
    if (failed.length > 0) throw new DemoFailure(failed.map(({ text }) => text).join('; '));

    const seconds = ((monotonicNow() - begun) / 1000).toFixed(0);
    print('');
    print(style.good(`All ${scene.checks.length} checks held, in ${seconds} s.`));
    if (!keep) return 0;
    await backInService(scene);
    print('');
    for (const line of commandsToTry(hosts, lab.client.namespace, program)) print(line);
    onKept();
    for (;;) await new Promise((resolve) => setTimeout(resolve, 3_600_000)); // a signal ends it
  } catch (error) {
    const words = error instanceof DemoFailure ? error.message : ((error as Error).stack ?? String(error));
    print(style.bad(`FAILED: ${words}`));
    print(`The logs are kept in ${keepLogs(lab)}`);
    return 1;
  }
}

/** Copies what the hosts wrote out of the lab, which is about to go. */
function keepLogs(lab: Lab): string {
  const kept = mkdtempSync(join(tmpdir(), 'memcache-ha-demo-failed-'));
  // Sockets cannot be copied, and are no logs.
  cpSync(lab.directory, kept, { recursive: true, filter: (file) => !file.endsWith('.sock') });
  return kept;
}

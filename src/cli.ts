/**
 * The command line: finds the command, hands over its arguments, and turns the outcome into an exit code. Each command
 * is loaded only when it is called, so that the daemon carries none of the others.
 */
import { version } from './cli/version.ts';

type Run = (argv: readonly string[]) => Promise<number>;

interface CommandEntry {
  readonly synopsis: string;
  readonly summary: string;
  readonly load: () => Promise<Run>;
}

const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  run: {
    synopsis: 'run [--config FILE] [--pretty]',
    summary: 'the daemon, in the foreground',
    load: async () => (await import('./cli/run.ts')).run,
  },
  check: {
    synopsis: 'check [--config FILE]',
    summary: 'validate a config; every mistake with file, line and column',
    load: async () => (await import('./cli/check.ts')).check,
  },
  status: {
    synopsis: 'status [--watch [SECONDS]] [--json] [--no-color] [--control PATH]',
    summary: 'what this host is, holds and hears, and why',
    load: async () => (await import('./cli/status.ts')).status,
  },
  drain: {
    synopsis: 'drain [--control PATH]',
    summary: 'hand the virtual addresses over and stay out',
    load: async () => (await import('./cli/operate.ts')).drain,
  },
  resume: {
    synopsis: 'resume [--control PATH]',
    summary: 'take part in the election again',
    load: async () => (await import('./cli/operate.ts')).resume,
  },
  reload: {
    synopsis: 'reload [--control PATH]',
    summary: 'apply the changed config; tells what changed, or what is wrong with it',
    load: async () => (await import('./cli/reload.ts')).reload,
  },
  release: {
    synopsis: 'release [--config FILE]',
    summary: 'remove every configured virtual address from this host',
    load: async () => (await import('./cli/release.ts')).release,
  },
  import: {
    synopsis: 'import KEEPALIVED_CONF [--strict]',
    summary: "keepalived.conf to this program's config, on stdout",
    load: async () => (await import('./cli/import.ts')).importConf,
  },
  proxy: {
    synopsis: 'proxy -l ADDR -p PORT -s HOST:PORT... -b HOST:PORT...',
    summary: "the bundled proxy, with magent's flags",
    load: async () => (await import('./proxy/main.ts')).runProxy,
  },
  sync: {
    synopsis: 'sync --from HOST:PORT --to HOST:PORT',
    summary: 'copy what one memcached lacks from another one',
    load: async () => (await import('./cli/sync.ts')).sync,
  },
  drill: {
    synopsis: 'drill FAULT [--yes] [--report FILE] [--max-outage SECONDS]',
    summary: 'a real fault on this host of a live pair, measured and undone',
    load: async () => (await import('./cli/drill.ts')).drill,
  },
  demo: {
    synopsis: 'demo [--keep]',
    summary: 'two hosts in network namespaces and a real failover',
    load: async () => (await import('./demo/demo.ts')).demo,
  },
};

/** Not for people: what other processes of this program run. */
const INTERNAL: Readonly<Record<string, CommandEntry['load']>> = {
  'hand-over': async () => (await import('./cli/hand-over.ts')).handOver,
  'drill-undo': async () => (await import('./drill/janitor.ts')).runJanitor,
  'lab-client': async () => (await import('./lab/client-main.ts')).runLabClient,
};

function usage(): string {
  const width = Math.max(...Object.values(COMMANDS).map(({ synopsis }) => synopsis.length));
  const lines = Object.values(COMMANDS).map(
    ({ synopsis, summary }) => `  ${synopsis.padEnd(width)}  ${summary}`,
  );
  return `memcache-ha ${version}: high availability for memcached behind a virtual IP\n\n${lines.join('\n')}\n`;
}

async function main(argv: readonly string[]): Promise<number> {
  const [name = '', ...rest] = argv;
  if (['-h', '--help', 'help'].includes(name)) {
    process.stdout.write(usage());
    return 0;
  }
  if (['-V', '--version', 'version'].includes(name)) {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const load = COMMANDS[name]?.load ?? INTERNAL[name];
  if (load === undefined) {
    process.stderr.write(name === '' ? usage() : `memcache-ha: unknown command ${name}\n\n${usage()}`);
    return 2;
  }
  const run = await load();
  return run(rest);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`memcache-ha: ${error.stack ?? error.message}\n`);
    process.exitCode = 1;
  },
);

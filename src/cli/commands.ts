/**
 * The commands for people: their words, what they do and the code behind them. `--help`, the man page and the shell
 * completion are made from this table; a test compares the options here with those that each command reads.
 */

import { FAULTS } from '../drill/faults.ts';

export interface CommandOption {
  /** As typed: `--config`, or `-p`; the short one first where there are two. */
  readonly flags: readonly string[];
  /** What follows the flag, in capitals: FILE and SOCKET are paths, DIR is a folder. None: a switch. */
  readonly argument?: string;
  /** All that it can be, where that is a short list. */
  readonly choices?: readonly string[];
  readonly summary: string;
}

export interface Command {
  readonly synopsis: string;
  readonly summary: string;
  readonly options: readonly CommandOption[];
  /** Its one free word: a FILE, or one of some choices. */
  readonly operand?: { readonly argument: string; readonly choices?: readonly string[] };
  /** It answers --help itself. */
  readonly ownHelp?: true;
  /** Loads the code only when the command is called, so that the daemon carries none of the others. */
  readonly load: () => Promise<(argv: readonly string[]) => Promise<number>>;
}

const CONFIG: CommandOption = {
  flags: ['--config'],
  argument: 'FILE',
  summary: 'the config file, by default /etc/memcache-ha/memcache-ha.yaml',
};
const CONTROL: CommandOption = {
  flags: ['--control'],
  argument: 'PATH',
  summary: "the daemon's control socket, by default /run/memcache-ha/control.sock",
};

export const COMMANDS: Readonly<Record<string, Command>> = {
  run: {
    synopsis: 'run [--config FILE] [--pretty]',
    summary: 'the daemon, in the foreground',
    options: [CONFIG, { flags: ['--pretty'], summary: 'the log for people instead of JSON' }],
    load: async () => (await import('./run.ts')).run,
  },
  check: {
    synopsis: 'check [--config FILE]',
    summary: 'validate a config; every mistake with file, line and column',
    options: [CONFIG],
    load: async () => (await import('./check.ts')).check,
  },
  status: {
    synopsis: 'status [--watch [SECONDS]] [--json] [--no-color] [--control PATH]',
    summary: 'what is wrong, what this host and its peer are, since when and why',
    options: [
      { flags: ['-w', '--watch'], summary: 'again every second, or every SECONDS when a number follows' },
      { flags: ['--json'], summary: 'the whole answer, for programs' },
      { flags: ['--no-color'], summary: 'no colours on a terminal either, as with NO_COLOR' },
      CONTROL,
    ],
    load: async () => (await import('./status.ts')).status,
  },
  drain: {
    synopsis: 'drain [--control PATH]',
    summary: 'hand the virtual addresses over and stay out',
    options: [CONTROL],
    load: async () => (await import('./operate.ts')).drain,
  },
  resume: {
    synopsis: 'resume [--control PATH]',
    summary: 'take part in the election again',
    options: [CONTROL],
    load: async () => (await import('./operate.ts')).resume,
  },
  reload: {
    synopsis: 'reload [--control PATH]',
    summary: 'apply the changed config; tells what changed, or what is wrong with it',
    options: [CONTROL],
    load: async () => (await import('./reload.ts')).reload,
  },
  release: {
    synopsis: 'release [--config FILE]',
    summary: 'remove every configured virtual address from this host',
    options: [CONFIG],
    load: async () => (await import('./release.ts')).release,
  },
  import: {
    synopsis: 'import KEEPALIVED_CONF [--strict]',
    summary: "keepalived.conf to this program's config, on stdout",
    operand: { argument: 'FILE' },
    options: [
      { flags: ['--strict'], summary: 'exit 1 when anything could not be carried over' },
      {
        flags: ['--script'],
        argument: 'FILE',
        summary:
          'a script that is started beside keepalived, such as the loop that keeps the proxy; repeatable',
      },
      {
        flags: ['--scripts-dir'],
        argument: 'DIR',
        summary: 'where scripts are found that are not at their path in the file; repeatable',
      },
      {
        flags: ['-i', '--config-id'],
        argument: 'NAME',
        summary:
          'take the lines for @NAME, as keepalived does with the same option; by default the host name',
      },
      {
        flags: ['--proxy'],
        argument: 'ENGINE',
        choices: ['bundled', 'magent'],
        summary: 'what is to run in place of a magent; by default what the file allows',
      },
    ],
    load: async () => (await import('./import.ts')).importConf,
  },
  proxy: {
    synopsis: 'proxy -l ADDR -p PORT -s HOST:PORT... -b HOST:PORT...',
    summary: "the bundled proxy, with magent's flags",
    ownHelp: true,
    options: [
      { flags: ['-s'], argument: 'HOST:PORT', summary: 'a memcached server; repeatable' },
      { flags: ['-b'], argument: 'HOST:PORT', summary: 'a backup memcached; repeatable' },
      { flags: ['-l'], argument: 'ADDR', summary: 'listen on this address (0.0.0.0)' },
      { flags: ['-p'], argument: 'PORT', summary: 'listen on this port (11211; 0: no TCP)' },
      { flags: ['-f'], argument: 'SOCKET', summary: 'also listen on this Unix socket' },
      { flags: ['-k'], summary: "choose servers as libmemcached's ketama does, instead of by modulo" },
      { flags: ['-n'], argument: 'MAXCONN', summary: 'at most this many clients (4096)' },
      {
        flags: ['-i'],
        argument: 'MAXIDLE',
        summary: "accepted for magent's sake; there is one connection to each memcached",
      },
      { flags: ['-u'], argument: 'USER', summary: 'become this user once listening' },
      { flags: ['-g'], argument: 'GROUP', summary: 'become this group once listening' },
      { flags: ['-D'], summary: 'stay in the foreground' },
      { flags: ['-v'], summary: 'say more on stderr; -vv for each connection' },
      {
        flags: ['--listen-fd'],
        argument: 'N',
        summary: 'take clients from this listening descriptor instead of -l and -p',
      },
      { flags: ['--standby'], summary: 'start, but take clients only after "accept" on standard input' },
      { flags: ['--metrics'], argument: 'ADDR:PORT', summary: 'serve Prometheus metrics there' },
      {
        flags: ['--timeout'],
        argument: 'MS',
        summary: 'a memcached that is silent for this many milliseconds is put out (250)',
      },
      {
        flags: ['--refill-items'],
        argument: 'N',
        summary: 'refill a copy that came back with at most N items per second (10000; 0: no bound)',
      },
      {
        flags: ['--refill-bytes'],
        argument: 'N',
        summary: 'and at most N bytes per second (32000000; 0: no bound)',
      },
      { flags: ['-h', '--help'], summary: 'what the options are' },
    ],
    load: async () => (await import('../proxy/main.ts')).runProxy,
  },
  sync: {
    synopsis: 'sync --from HOST:PORT --to HOST:PORT',
    summary: 'copy what one memcached lacks from another one',
    ownHelp: true,
    options: [
      {
        flags: ['--from'],
        argument: 'HOST:PORT',
        summary: 'the memcached that has the items (1.6 or later)',
      },
      {
        flags: ['--to'],
        argument: 'HOST:PORT',
        summary: 'the memcached that is to have them; what it has already is not overwritten',
      },
      {
        flags: ['--rate'],
        argument: 'N',
        summary: 'at most so many items a second (20k; 0: as fast as it goes)',
      },
      {
        flags: ['--bytes-rate'],
        argument: 'N',
        summary: 'at most so many bytes a second (32M; 0: as fast as it goes)',
      },
      { flags: ['-h', '--help'], summary: 'what the options are, and what cannot be guaranteed' },
    ],
    load: async () => (await import('./sync.ts')).sync,
  },
  drill: {
    synopsis: 'drill FAULT [--yes] [--report FILE] [--max-outage SECONDS]',
    summary: 'a real fault on this host of a live pair, measured and undone',
    ownHelp: true,
    operand: { argument: 'FAULT', choices: FAULTS },
    options: [
      { flags: ['--yes'], summary: 'do not ask, for cron' },
      { flags: ['--report'], argument: 'FILE', summary: 'write what happened, as .json, .html or .svg' },
      {
        flags: ['--max-outage'],
        argument: 'SECONDS',
        summary: 'exit 1 when clients were without an answer for longer',
      },
      {
        flags: ['--timeout'],
        argument: 'SECONDS',
        summary: 'how long the failover, and then the recovery, may take (60)',
      },
      { flags: ['--instance'], argument: 'NAME', summary: 'which vrrp_instance, where there are several' },
      {
        flags: ['--peer'],
        argument: 'HOST:PORT',
        summary: "the other host's metrics listener, where the config does not tell it; repeatable",
      },
      { flags: ['--blind'], summary: 'go on without seeing the other host' },
      {
        flags: ['--restart'],
        argument: 'COMMAND',
        summary: 'what starts again what the drill ends, where no systemd service does',
      },
      {
        flags: ['--target'],
        argument: 'ADDRESS:PORT',
        summary: 'where the measuring client asks, by default the proxy or memcached at the virtual address',
      },
      CONTROL,
    ],
    load: async () => (await import('./drill.ts')).drill,
  },
  demo: {
    synopsis: 'demo [--keep]',
    summary: 'two hosts in network namespaces and a real failover',
    options: [{ flags: ['--keep'], summary: 'leave it running, with commands to try' }],
    load: async () => (await import('../demo/demo.ts')).demo,
  },
};

/** Not for people: what other processes of this program run. */
export const INTERNAL: Readonly<Record<string, Command['load']>> = {
  'hand-over': async () => (await import('./hand-over.ts')).handOver,
  'drill-undo': async () => (await import('../drill/janitor.ts')).runJanitor,
  'lab-client': async () => (await import('../lab/client-main.ts')).runLabClient,
};

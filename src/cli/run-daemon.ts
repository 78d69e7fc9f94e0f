/** The daemon in the foreground, from its config file to its last line of log. */
import { formatProblem } from '../config/problem.ts';
import type { Daemon } from '../daemon/daemon.ts';
import { speakFirst } from '../daemon/first-word.ts';
import type { EarlyProxies } from '../daemon/proxies/early.ts';
import { isJournal, PRIORITY } from '../io/journal.ts';
import { connectServiceManager } from '../io/service-manager.ts';
import { readConfigFile } from './config-file.ts';
import { DEFAULT_CONFIG, readOptions } from './options.ts';
import { version } from './version.ts';

/** Exit 0 after SIGTERM or SIGINT, 1 when it cannot start or a bug stops it, 2 for bad usage or a bad config. */
export async function runDaemon(argv: readonly string[], early: EarlyProxies): Promise<number> {
  const options = readOptions('run', argv, {
    config: { type: 'string', default: DEFAULT_CONFIG },
    pretty: { type: 'boolean', default: false },
  });
  if (options === null) return 2;
  process.title = 'memcache-ha';
  const manager = connectServiceManager(process.env);
  const { config, problems } = readConfigFile(options.config);
  for (const problem of problems)
    complain(formatProblem(problem), problem.severity === 'error' ? 'error' : 'warn');
  if (config === null) return 2;

  // What is loaded from here on takes as long as an advertisement interval may be.
  const spoken = await speakFirst(config);
  const { StartError, startDaemon } = await import('../daemon/daemon.ts');
  const { createLog } = await import('../daemon/log.ts');
  const { log, flush } = await createLog(config.global.logLevel, options.pretty);
  process.on('exit', flush);
  const stop = new Promise<NodeJS.Signals>((resolve) => {
    process.on('SIGTERM', resolve).on('SIGINT', resolve);
  });
  let daemon: Daemon | null = null;
  let reloadAfterStart = false;
  process.on('SIGHUP', () => {
    log.info('SIGHUP received');
    if (daemon === null) reloadAfterStart = true;
    else void daemon.reload();
  });
  process.on('SIGUSR2', () => {
    // What a crash would leave, on purpose: addresses and record, for the one that is started in our place.
    log.info('SIGUSR2 received: leaving everything to the next daemon');
    flush();
    process.exit(0);
  });
  process.on('uncaughtException', (error) => {
    // Exiting is the safe thing: the kernel takes the addresses away when their lease ends, and the proxy with us.
    log.fatal({ stack: error.stack }, `bug: ${error.message}`);
    flush();
    process.exit(1);
  });

  try {
    daemon = await startDaemon({ config, file: options.config, spoken, early, version, manager, log });
    early.close();
    if (reloadAfterStart) void daemon.reload();
    log.info(`${await stop} received`);
    await daemon.shutdown();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    complain(`memcache-ha: ${error.message}`, 'error');
    flush();
    process.exit(1); // whatever was begun: who starts us again waits for our end
  }
  flush();
  process.exit(0);
}

/** What is to be said before there is a log, or in its place. */
function complain(line: string, level: 'error' | 'warn'): void {
  process.stderr.write(`${isJournal(process.stderr.fd) ? `<${PRIORITY[level]}>` : ''}${line}\n`);
}

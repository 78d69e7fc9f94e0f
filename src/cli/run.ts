/** `memcache-ha run`: the daemon in the foreground, from its config file to its last line of log. */
import { formatProblem } from '../config/problem.ts';
import type { Daemon } from '../daemon/daemon.ts';
import { speakFirst } from '../daemon/first-word.ts';
import { readConfigFile } from './config-file.ts';
import { DEFAULT_CONFIG, readOptions } from './options.ts';
import { version } from './version.ts';

/** Exit 0 after SIGTERM or SIGINT, 1 when it cannot start or a bug stops it, 2 for bad usage or a bad config. */
export async function run(argv: readonly string[]): Promise<number> {
  const options = readOptions('run', argv, { config: { type: 'string', default: DEFAULT_CONFIG } });
  if (options === null) return 2;
  process.title = 'memcache-ha';
  const { config, problems } = readConfigFile(options.config);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  if (config === null) return 2;

  // What is loaded from here on takes as long as an advertisement interval may be.
  const spoken = await speakFirst(config, version);
  const { StartError, startDaemon } = await import('../daemon/daemon.ts');
  const { createLog } = await import('../daemon/log.ts');
  const { log, flush } = createLog(config.global.logLevel);
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
  process.on('uncaughtException', (error) => {
    // Exiting is the safe thing: the kernel takes the addresses away when their lease ends, and the proxy with us.
    log.fatal({ stack: error.stack }, `bug: ${error.message}`);
    flush();
    process.exit(1);
  });

  try {
    daemon = await startDaemon({ config, file: options.config, spoken, version, log });
    if (reloadAfterStart) void daemon.reload();
    log.info(`${await stop} received`);
    await daemon.shutdown();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`memcache-ha: ${error.message}\n`);
    return 1;
  }
  flush();
  process.exit(0);
}

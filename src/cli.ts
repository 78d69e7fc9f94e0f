/** The command line: finds the command, hands over its arguments, and turns the outcome into an exit code. */
import { COMMANDS, INTERNAL } from './cli/commands.ts';
import { commandUsage, programUsage } from './cli/usage.ts';
import { version } from './cli/version.ts';

const HELP = ['-h', '--help'];

async function main(argv: readonly string[]): Promise<number> {
  const [name = '', ...rest] = argv;
  if ([...HELP, 'help'].includes(name)) {
    process.stdout.write(programUsage(COMMANDS, version));
    return 0;
  }
  if (['-V', '--version', 'version'].includes(name)) {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const command = ofName(COMMANDS, name);
  const load = command?.load ?? ofName(INTERNAL, name);
  if (load === undefined) {
    const usage = programUsage(COMMANDS, version);
    process.stderr.write(name === '' ? usage : `memcache-ha: unknown command ${name}\n\n${usage}`);
    return 2;
  }
  if (command !== undefined && command.ownHelp === undefined && rest.some((word) => HELP.includes(word))) {
    process.stdout.write(commandUsage(command));
    return 0;
  }
  const run = await load();
  return run(rest);
}

/** Nothing that every object has, such as `constructor`. */
function ofName<Value>(named: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(named, name) ? named[name] : undefined;
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

/** `memcache-ha drill`, from its command line to its exit code. */
import { constants } from 'node:os';
import { SELF } from '../daemon/self.ts';
import { announcement } from './announce.ts';
import { claimDrill } from './claim.ts';
import { confirm } from './confirm.ts';
import { runCourse } from './course.ts';
import { concludeDrill } from './findings.ts';
import { helpText } from './help.ts';
import { type DrillOptions, parseDrillOptions, USAGE } from './options.ts';
import { prepareDrill } from './prepare.ts';
import { Refusal } from './refusal.ts';
import type { DrillReport } from './report/report.ts';
import { checkWritable, writeReport } from './report/write.ts';
import { summaryLines } from './summary.ts';
import { formatTimeline } from './timeline.ts';

/**
 * Exit 0 when the drill went well; 1 when it did not or was refused; 2 for bad usage; 128 and the signal's number when it
 * was interrupted and everything was undone.
 * @param control where the daemon is asked unless the command line says otherwise
 */
export async function runDrill(argv: readonly string[], control: string, version: string): Promise<number> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const complain = (message: string) => say(`memcache-ha drill: ${message}`);
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(helpText());
    return 0;
  }
  const options = parseDrillOptions(argv, control);
  if ('mistake' in options) {
    complain(`${options.mistake}\n${USAGE}`);
    return 2;
  }
  if (!options.yes && !process.stdin.isTTY) {
    complain('nobody can be asked without a terminal: say --yes to do it unasked');
    return 2;
  }
  if (options.report !== null) {
    try {
      checkWritable(options.report.file);
    } catch (error) {
      complain(`--report: ${(error as Error).message}`);
      return 2;
    }
  }

  // Whoever reads us may be gone, as with `| head`: the drill has to come to its end all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const stop = new AbortController();
  let interrupted: NodeJS.Signals | null = null;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interrupted !== null) return complain(`${signal}: undoing what was done, one moment`);
      interrupted = signal;
      complain(`${signal}: stopping`);
      stop.abort(signal);
    });
  }
  const save = (report: DrillReport, { file, format }: NonNullable<DrillOptions['report']>): boolean => {
    try {
      writeReport(report, file, format);
      say(`report written to ${file}`);
      return true;
    } catch (error) {
      complain(`the report could not be written: ${(error as Error).message}`);
      return false;
    }
  };
  try {
    await claimDrill();
    const drill = await prepareDrill(options);
    for (const line of announcement(drill)) say(line);
    say('');
    if (!options.yes && !(await confirm('Do it?', stop.signal))) {
      complain('nothing was done');
      return interrupted === null ? 1 : exitCode(interrupted);
    }
    const self = [...SELF.runtime, ...SELF.program];
    const course = await runCourse(drill, { self, signal: stop.signal, progress: say });
    const { report, moments } = concludeDrill(drill, course, interrupted, version);
    const coloured = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
    const lines = ['', ...formatTimeline(moments, course.struckAt, coloured), '', ...summaryLines(report)];
    process.stdout.write(`${lines.join('\n')}\n`);
    if (options.report !== null && !save(report, options.report)) return 1;
    if (report.outcome === 'interrupted' && interrupted !== null) return exitCode(interrupted);
    return report.outcome === 'good' ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    complain(error.message);
    return interrupted === null ? 1 : exitCode(interrupted);
  }
}

/** As a shell tells of a program that a signal ended. */
const exitCode = (signal: NodeJS.Signals): number => 128 + (constants.signals[signal] ?? 0);

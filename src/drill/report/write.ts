/** Writes a report in one piece: a file that is there is either the old one or the new one. */
import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ReportFormat } from '../options.ts';
import { htmlReport } from './html.ts';
import type { DrillReport } from './report.ts';
import { svgReport } from './svg.ts';

const RENDER: Readonly<Record<ReportFormat, (report: DrillReport) => string>> = {
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  html: htmlReport,
  svg: svgReport,
};

/** Throws with what speaks against writing there, before anything is done. */
export function checkWritable(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new Error(`${file} is a directory`);
  accessSync(dirname(file), constants.W_OK | constants.X_OK);
}

/** Throws when it cannot; then `file` is as it was. */
export function writeReport(report: DrillReport, file: string, format: ReportFormat): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    writeFileSync(partial, RENDER[format](report));
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Changes to the config file of a running daemon, and the reload that applies them. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Finished } from '../../../src/lab/run.ts';
import type { Daemon } from './daemon.ts';

/** Any part of a config file. */
export type Section = Record<string, unknown>;

/** A config file as a test changes it. */
export interface Editable extends Section {
  readonly global_defs: Section;
  readonly memcached: Record<string, Section>;
  readonly proxy: Record<string, Section>;
  vrrp_script?: Record<string, Section>;
  readonly vrrp_instance: Record<string, Section>;
}

/** Writes the file anew with what `change` does to it (JSON is YAML). */
export function editConfig({ file }: Daemon, change: (config: Editable) => void): void {
  const config = JSON.parse(readFileSync(file, 'utf8')) as Editable;
  change(config);
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
}

/** Edits, reloads and gives what the command said, its output in lines. */
export async function editAndReload(
  daemon: Daemon,
  change: (config: Editable) => void,
): Promise<Finished & { readonly out: readonly string[]; readonly err: readonly string[] }> {
  editConfig(daemon, change);
  const finished = await daemon.command('reload');
  const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
  return { ...finished, out: lines(finished.stdout), err: lines(finished.stderr) };
}

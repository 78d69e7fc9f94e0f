/** What an instance can track, scripts, processes and files, in typed form. Checks nothing. */
import type { ProcessConfig, ScriptConfig, TrackFileConfig } from '../config.ts';
import { parseInitFile } from '../init-file.ts';
import type { FileConfig } from '../schema.ts';
import type { YamlTree } from '../yaml-tree.ts';
import { command, ms, mustParse, type Named } from './values.ts';

/** One `vrrp_script`. Its weight is for the instances that track it. */
export function buildScript(name: string, entry: Named<'vrrp_script'>, tree: YamlTree): ScriptConfig {
  return {
    name,
    script: command(entry.script, ['vrrp_script', name, 'script'], tree),
    interval: ms(entry.interval),
    timeout: ms(entry.timeout ?? entry.interval),
    fall: entry.fall,
    rise: entry.rise,
    initFail: entry.init_fail,
    user: entry.user ?? null,
  };
}

/** All processes, under either name of their section. */
export function buildProcesses(file: FileConfig, tree: YamlTree): ProcessConfig[] {
  return (['vrrp_track_process', 'track_process'] as const).flatMap((section) =>
    Object.entries(file[section] ?? {}).map(([name, entry]) =>
      buildProcess(name, entry, command(entry.process, [section, name, 'process'], tree)),
    ),
  );
}

function buildProcess(
  name: string,
  entry: Named<'vrrp_track_process'>,
  [process = '', ...parameters]: readonly string[],
): ProcessConfig {
  // keepalived: "at most 0" is "none runs" and needs no quorum.
  const quorumMax = entry.quorum_max ?? null;
  return {
    name,
    process,
    parameters: parameters.length === 0 && entry.param_match === undefined ? null : parameters,
    paramMatch: entry.param_match ?? 'exact',
    fullCommand: entry.full_command,
    quorum: quorumMax === 0 ? 0 : entry.quorum,
    quorumMax,
    forkDelay: ms(entry.fork_delay ?? entry.delay ?? 0),
    terminateDelay: ms(entry.terminate_delay ?? entry.delay ?? 0),
  };
}

/** All track files, under either name of their section. */
export function buildTrackFiles(file: FileConfig): TrackFileConfig[] {
  return [...Object.entries(file.track_file ?? {}), ...Object.entries(file.vrrp_track_file ?? {})].map(
    ([name, entry]) => ({ name, file: entry.file, initFile: initFile(entry.init_file) }),
  );
}

function initFile(value: Named<'track_file'>['init_file']): TrackFileConfig['initFile'] {
  if (value === undefined) return null;
  if (typeof value === 'number') return { value, overwrite: false };
  return typeof value === 'string' ? mustParse(parseInitFile(value)) : value;
}

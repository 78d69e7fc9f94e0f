/**
 * YAML text to the daemon's config, or every mistake in it at once with its place. Pure over its text: reading the
 * file is the caller's, and what this host has (interfaces) is for interface-warnings.ts.
 */
import { hostname } from 'node:os';
import { buildConfig } from './build/build.ts';
import type { Config } from './config.ts';
import { crossCheck } from './cross-check/cross-check.ts';
import { collectFindings } from './findings.ts';
import { parseYaml } from './parse-yaml.ts';
import type { Path, Place } from './place.ts';
import type { Problem } from './problem.ts';
import { validate } from './validate.ts';

/** What a file holds. */
export interface LoadedConfig {
  /** The name that problems carry. */
  readonly file: string;
  /** null when there is an error among the problems; warnings do not hinder. */
  readonly config: Config | null;
  /** In the order of the file. */
  readonly problems: readonly Problem[];
  /** Where a value stands in the text, or its nearest parent's key when it is not written there. */
  locate(path: Path): Place;
}

/**
 * Parses, checks and converts. Never throws for any text and takes bounded time.
 * `hostName` is what router_id is when the file does not say.
 */
export function loadConfig(file: string, text: string, hostName: string = hostname()): LoadedConfig {
  const tree = parseYaml(text);
  const findings = collectFindings(file, tree);
  const loaded = (config: Config | null): LoadedConfig => ({
    file,
    config,
    problems: findings.sorted(),
    locate: (path) => tree.place(path),
  });
  if (tree.value === undefined) return loaded(null);
  const { checked, draft } = validate(tree.value, findings);
  crossCheck(draft, tree, findings);
  const wrong = findings.sorted().some((problem) => problem.severity === 'error');
  return loaded(checked === null || wrong ? null : buildConfig(checked, tree, hostName));
}

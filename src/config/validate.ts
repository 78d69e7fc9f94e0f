/**
 * Runs the schema over plain values and turns each of zod's issues into a finding in the words of an operator.
 * Also makes the draft: the values without the wrong ones, for the checks that look at several values.
 */
import type * as z from 'zod/mini';
import { mustBe, quote } from './describe.ts';
import type { Findings } from './findings.ts';
import { keepalivedKey } from './keepalived-keys.ts';
import type { Path } from './place.ts';
import { configSchema, type Draft, type FileConfig } from './schema.ts';
import { didYouMean } from './suggest.ts';

type Issue = z.core.$ZodIssue;

/** `checked` is null when anything is wrong; `draft` holds what is right in any case. Changes `value`. */
export function validate(
  value: unknown,
  findings: Findings,
): { readonly checked: FileConfig | null; readonly draft: Draft } {
  const result = configSchema.safeParse(value, {
    // Every type of the schema words its own issues; this one is for an issue that nobody thought of.
    error: (issue) => mustBe(issue.input, 'something else'),
  });
  if (result.success) return { checked: result.data, draft: value as Draft };
  const said = new Set<string>();
  for (const issue of result.error.issues.flatMap((issue) => leaves(issue, []))) {
    // A number beyond 2^53 breaks two rules of a whole number; the message is the same.
    const message = JSON.stringify([issue.path, issue.message]);
    if (!said.has(message)) report(issue, findings);
    said.add(message);
    for (const path of wrongPaths(issue)) remove(value, path);
  }
  const isMap = value !== null && typeof value === 'object' && !Array.isArray(value);
  return { checked: null, draft: isMap ? (value as Draft) : {} };
}

/**
 * An issue of a union becomes the issues of the alternative whose type the value has: a map with a misspelt key is
 * told about the key, not about all that could stand there.
 */
function leaves(issue: Issue, prefix: Path): Issue[] {
  const path = [...prefix, ...(issue.path as (string | number)[])];
  if (issue.code === 'invalid_union') {
    const ofRightType = issue.errors.filter(
      (inner) =>
        !inner.some((i) => i.path.length === 0 && ['invalid_type', 'invalid_union'].includes(i.code)),
    );
    const only = ofRightType[0];
    if (only !== undefined && ofRightType.length === 1) return only.flatMap((inner) => leaves(inner, path));
  }
  return [{ ...issue, path }];
}

function report(issue: Issue, findings: Findings): void {
  const path = issue.path as Path;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = issue.message.split(' ');
      for (const key of issue.keys) {
        findings.error([...path, key], `unknown key${keepalivedKey(key) ?? didYouMean(key, known)}`, 'key');
      }
      return;
    }
    case 'invalid_key': {
      const name = quote(String(path.at(-1)));
      findings.error(path, `${name} is no usable name (1 to 64 ASCII characters without spaces)`, 'key');
      return;
    }
    default:
      findings.error(path, issue.message);
  }
}

function wrongPaths(issue: Issue): Path[] {
  const path = issue.path as Path;
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
}

/** Keys and positions stay, so that a definition with a mistake in it is still a definition, and positions still mean the same. */
function remove(root: unknown, path: Path): void {
  const last = path.at(-1);
  if (last === undefined) return;
  let parent = root as Record<string | number, unknown> | undefined;
  for (const part of path.slice(0, -1)) {
    parent = parent?.[part] as Record<string | number, unknown> | undefined;
  }
  if (parent !== undefined && last in parent) parent[last] = undefined;
}

/** The files that an import reads, from this host. Nothing in them can make it hang or grow without bound. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expandBraces, isPattern, matchesName } from './read/glob.ts';
import type { Sources, SourceText } from './read/source.ts';

/** Largest file, in bytes; a keepalived.conf with 255 instances has a tenth of it. */
const LARGEST_FILE = 1_000_000;
const MOST_MATCHES = 1_000;

export function openSources(): Sources {
  return { read, glob, environment: (name) => process.env[name] };
}

// Non-blocking, for a named pipe that nobody writes to would be waited for without end.
function read(path: string): SourceText {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return unreadable((error as NodeJS.ErrnoException).code);
  }
  try {
    if (!fstatSync(file).isFile()) return { ok: false, reason: 'is no file' };
    const buffer = Buffer.alloc(LARGEST_FILE + 1);
    let length = 0;
    for (let got = -1; got !== 0 && length < buffer.length; length += got) {
      got = readSync(file, buffer, length, buffer.length - length, null);
    }
    if (length > LARGEST_FILE) return { ok: false, reason: `is larger than ${LARGEST_FILE} bytes` };
    return { ok: true, text: buffer.toString('utf8', 0, length) };
  } catch (error) {
    return unreadable((error as NodeJS.ErrnoException).code);
  } finally {
    closeSync(file);
  }
}

function unreadable(code: string | undefined): SourceText {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'does not exist',
    EACCES: 'may not be read by this user',
    ENOTDIR: 'does not exist',
    ENXIO: 'is no file',
  };
  return { ok: false, reason: reasons[code ?? ''] ?? `cannot be read (${code})` };
}

function glob(pattern: string): readonly string[] {
  return expandBraces(pattern).flatMap(matches).slice(0, MOST_MATCHES);
}

function matches(pattern: string): string[] {
  const [first = '', ...parts] = pattern.split('/');
  const start = pattern.startsWith('/') ? ['/'] : step([''], first);
  return parts.filter((part) => part !== '').reduce(step, start);
}

/** The paths that one more part of the pattern leads to. */
function step(folders: readonly string[], part: string): string[] {
  if (!isPattern(part)) return folders.map((folder) => join(folder, part));
  return folders.slice(0, MOST_MATCHES).flatMap((folder) =>
    names(folder === '' ? '.' : folder)
      .filter((name) => matchesName(part, name))
      .map((name) => join(folder, name)),
  );
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

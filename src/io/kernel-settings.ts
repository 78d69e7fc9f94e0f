/**
 * Changes kernel settings below /proc/sys/net for as long as this daemon runs. What they were is kept in a file, so that
 * the next start can put them back after a daemon that was killed.
 */
import { closeSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const ROOT = '/proc/sys/net/';

export interface KernelSettings {
  /** The value now; null when the kernel has no such setting. `name` is e.g. `ipv4/conf/eth0/arp_ignore`. */
  read(name: string): string | null;
  /** Throws when this one could not be changed by us; changes nothing. */
  check(name: string): void;
  /** The names in a folder of settings, e.g. `ipv4/conf`. */
  list(folder: string): readonly string[];
  /** Changes a setting and remembers what it was; throws when the kernel refuses. */
  change(name: string, value: number): void;
  /** Changes a setting of something that will be gone before us; throws when the kernel refuses. */
  write(name: string, value: number): void;
  /** Puts back everything that still is as we made it; returns what could not be put back, a message each. */
  restore(): readonly string[];
}

interface Change {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** `file` is where a predecessor may have left what it changed; nothing is touched before the first call. */
export function openKernelSettings(file: string): KernelSettings {
  let changes = load(file);

  const read = (name: string): string | null => {
    try {
      return readFileSync(ROOT + name, 'utf8').trim();
    } catch {
      return null;
    }
  };
  const write = (name: string, value: number | string): void => {
    if (read(name) === String(value)) return; // /proc/sys may be read-only, and right as it is
    try {
      writeFileSync(ROOT + name, `${value}\n`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new Error(`cannot set ${ROOT}${name} to ${value}: ${code ?? (error as Error).message}`);
    }
  };
  const save = (): void => {
    if (changes.length === 0) return rmSync(file, { force: true });
    // In one step: a half-written file would lose what was there before.
    writeFileSync(`${file}.new`, JSON.stringify(changes), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };

  return {
    read,
    check(name) {
      try {
        closeSync(openSync(ROOT + name, 'r+'));
      } catch (error) {
        throw new Error(`cannot change ${ROOT}${name}: ${(error as NodeJS.ErrnoException).code}`);
      }
    },
    list: (folder) => readdirSync(ROOT + folder),
    write,
    change(name, value) {
      const before = read(name);
      const after = String(value);
      if (before === after) return;
      // Written down first: between the two we may be killed.
      changes = [...changes, { name, before: before ?? '', after }];
      save();
      write(name, value);
    },
    restore() {
      const failures: string[] = [];
      for (const { name, before, after } of changes.toReversed()) {
        // Somebody else's value is not ours to undo, and what is gone needs no undoing.
        if (read(name) !== after) continue;
        try {
          write(name, before);
        } catch (error) {
          failures.push((error as Error).message);
        }
      }
      changes = [];
      save();
      return failures;
    },
  };
}

/** What a predecessor changed; nothing when there is no such file or it is none of ours. */
function load(file: string): readonly Change[] {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    return Array.isArray(found) ? found.filter(isChange) : [];
  } catch {
    return [];
  }
}

function isChange(value: unknown): value is Change {
  const { name, before, after } = (value ?? {}) as Record<string, unknown>;
  const isNumber = (text: unknown) => typeof text === 'string' && /^\d+$/.test(text);
  return typeof name === 'string' && !name.includes('..') && isNumber(before) && isNumber(after);
}

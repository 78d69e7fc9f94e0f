/**
 * Keys whose old state is under way from one copy to the other, batch by batch, and which of them a client wrote since.
 * Each batch has a map of its own, which goes as a whole: one map for all would be rebuilt hundreds of times a second, and
 * each table of it that V8 moves to the old space keeps those after it from being collected young.
 */

export interface KeysUnderWay {
  /** Begins a batch of those of the `keys` that are not under way yet, each once; answers them. */
  begin(keys: readonly string[]): readonly string[];
  /** A client writes or deletes the key. */
  write(key: string): void;
  /** All keys are written. */
  writeAll(): void;
  /** Whether what was read of the key is old: it was written, or is not under way any more. */
  isWritten(key: string): boolean;
  /** Ends the batch that `begin` answered; answers its keys that were written. */
  end(keys: readonly string[]): readonly string[];
  /** Ends all batches. */
  clear(): void;
}

interface Batch {
  readonly keys: readonly string[];
  /** Whether the key was written. */
  readonly written: Map<string, boolean>;
}

/** Nothing is under way. */
export function createKeysUnderWay(): KeysUnderWay {
  let batches: Batch[] = [];
  const isUnderWay = (key: string): boolean => {
    for (const { written } of batches) if (written.has(key)) return true;
    return false;
  };
  return {
    begin(listed) {
      const written = new Map<string, boolean>();
      for (const key of listed) if (!isUnderWay(key)) written.set(key, false);
      const keys = [...written.keys()];
      batches.push({ keys, written });
      return keys;
    },
    write(key) {
      for (const { written } of batches) if (written.has(key)) written.set(key, true);
    },
    writeAll() {
      for (const { keys, written } of batches) for (const key of keys) written.set(key, true);
    },
    isWritten(key) {
      for (const { written } of batches) {
        const isIt = written.get(key);
        if (isIt !== undefined) return isIt;
      }
      return true;
    },
    end(keys) {
      const batch = batches.find((one) => one.keys === keys);
      if (batch === undefined) return [];
      batches = batches.filter((one) => one !== batch);
      return keys.filter((key) => batch.written.get(key));
    },
    clear() {
      batches = [];
    },
  };
}

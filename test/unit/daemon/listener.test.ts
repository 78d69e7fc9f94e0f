/** A listener that moves: where it is after each attempt. */
import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../../src/config/config.ts';
import { createListener } from '../../../src/daemon/listener.ts';

const at = (port: number): Endpoint => ({ host: '127.0.0.1', port });

/** A host on which `taken` ports are somebody else's, and one port can be taken once only. */
function host(taken: readonly number[] = []) {
  const open = new Set<number>();
  const acts: string[] = [];
  const listener = createListener(async ({ port }) => {
    if (taken.includes(port) || open.has(port)) throw new Error(`${port} is taken`);
    open.add(port);
    acts.push(`open ${port}`);
    return { close: () => void open.delete(port) };
  });
  return { open, acts, listener };
}

describe('a listener', () => {
  test('listens, moves, and goes nowhere', async () => {
    const { open, listener } = host();
    await listener.move(at(1));
    expect([...open]).toEqual([1]);
    await listener.move(at(2));
    expect([...open]).toEqual([2]);
    await listener.move(null);
    expect([...open]).toEqual([]);
  });

  test('that is there already is not disturbed', async () => {
    const { acts, listener } = host();
    await listener.move(at(1));
    await listener.move({ ...at(1) });
    expect(acts).toEqual(['open 1']);
  });

  test('that cannot go there stays where it is', async () => {
    const { open, listener } = host([2]);
    await listener.move(at(1));
    await expect(listener.move(at(2))).rejects.toThrow('2 is taken');
    expect([...open]).toEqual([1]);
    await listener.move(at(3));
    expect([...open]).toEqual([3]);
  });

  test('that was nowhere is nowhere after a failure', async () => {
    const { open, listener } = host([2]);
    await expect(listener.move(at(2))).rejects.toThrow();
    expect([...open]).toEqual([]);
  });
});

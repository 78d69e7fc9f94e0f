/** Memory and descriptors of processes over time, and whether they grow. The judging is pure. */
import { readdirSync } from 'node:fs';
import { residentMegabytes } from '../../netns/support/process-cost.ts';

/** One look at a process. */
export interface Sample {
  /** Seconds since the start. */
  readonly t: number;
  readonly megabytes: number;
  readonly descriptors: number;
}

/** @throws Error when the process has ended */
export function look(pid: number, t: number): Sample {
  return { t, megabytes: residentMegabytes([pid]), descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

export interface Trend {
  readonly firstMegabytes: number;
  readonly lastMegabytes: number;
  readonly mostMegabytes: number;
  /** By the straight line of least squares through the second half: what that half added, in MB. */
  readonly grownMegabytes: number;
  /** The commonest count of the second quarter and of the last one. */
  readonly descriptors: { readonly before: number; readonly after: number; readonly most: number };
}

/** @param samples oldest first, at least 8 */
export function trend(samples: readonly Sample[]): Trend {
  if (samples.length < 8) throw new Error(`${samples.length} samples are no trend`);
  const part = (from: number, to: number) =>
    samples.slice(Math.floor(samples.length * from), Math.floor(samples.length * to));
  const half = part(0.5, 1);
  const counts = samples.map(({ descriptors }) => descriptors);
  return {
    firstMegabytes: samples[0]!.megabytes,
    lastMegabytes: samples.at(-1)!.megabytes,
    mostMegabytes: Math.max(...samples.map(({ megabytes }) => megabytes)),
    grownMegabytes: slope(half.map(({ t, megabytes }) => [t, megabytes])) * (half.at(-1)!.t - half[0]!.t),
    descriptors: {
      before: commonest(part(0.25, 0.5)),
      after: commonest(part(0.75, 1)),
      most: Math.max(...counts),
    },
  };
}

function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (index: 0 | 1) => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return above / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

function commonest(samples: readonly Sample[]): number {
  const counts = new Map<number, number>();
  for (const { descriptors } of samples) counts.set(descriptors, (counts.get(descriptors) ?? 0) + 1);
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}

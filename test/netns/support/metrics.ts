/** Reads Prometheus' text format, as far as the tests look at it. Pure. */

/** The samples of one scrape. */
export interface Scrape {
  /** The sum of the samples with this name and at least these labels; null when there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | null;
  /** All names of samples. */
  readonly names: ReadonlySet<string>;
}

interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** @throws Error with the line that is no sample */
export function parseMetrics(text: string): Scrape {
  const samples = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseSample);
  return {
    names: new Set(samples.map(({ name }) => name)),
    value(name, labels = {}) {
      const matching = samples.filter(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([label, value]) => sample.labels.get(label) === value),
      );
      return matching.length === 0 ? null : matching.reduce((sum, sample) => sum + sample.value, 0);
    },
  };
}

function parseSample(line: string): Sample {
  const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || Number.isNaN(Number(value))) throw new Error(`no sample: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(
    ([, label = '', text = '']) => [label, text] as const,
  );
  return { name, labels: new Map(pairs), value: Number(value) };
}

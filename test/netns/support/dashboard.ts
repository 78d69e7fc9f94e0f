/** What the dashboard in deploy/ asks Prometheus for, as Grafana would send it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
  readonly annotations: {
    readonly list: readonly {
      readonly name: string;
      readonly expr: string;
      readonly titleFormat: string;
      readonly textFormat: string;
    }[];
  };
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}
const FILE = new URL('../../../deploy/grafana/memcache-ha.json', import.meta.url);
const { panels, annotations, templating } = JSON.parse(
  readFileSync(fileURLToPath(FILE), 'utf8'),
) as Dashboard;

export interface DashboardQuery {
  /** The panel or annotation, and the legend. */
  readonly name: string;
  /** PromQL, without variables. */
  readonly expr: string;
  /** Labels that the legend, or the text of the annotation, names. */
  readonly labels: readonly string[];
}

/** Every query, for this pair and over so much time, e.g. `5m`. */
export function dashboardQueries(pair: string, range: string): readonly DashboardQuery[] {
  return [
    ...panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target }))),
    ...annotations.list.map(({ name, expr, titleFormat, textFormat }) => {
      return { title: name, expr, legendFormat: `${titleFormat}, ${textFormat}` };
    }),
  ].map(({ title, expr, legendFormat }) => ({
    name: `${title}: ${legendFormat}`,
    expr: expr.replaceAll('$pair', pair).replace(/\$__(rate_interval|range)|\b1m\b/g, range),
    labels: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!),
  }));
}

/** What fills the list of pairs: the values that this label has in this selection. */
export function pairVariable(): { readonly selector: string; readonly label: string } {
  const { query } = templating.list.find(({ name }) => name === 'pair')!.query as { query: string };
  const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
  if (selector === undefined || label === undefined) throw new Error(`no query of label_values: ${query}`);
  return { selector, label };
}

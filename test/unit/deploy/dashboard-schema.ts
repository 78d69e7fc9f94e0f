/** What Grafana takes for a dashboard, by its own types, for the kinds of panels that ours has; anything else is an error. */
import type { AnnotationQuery, Dashboard, FieldConfigSource, Panel, RowPanel } from '@grafana/schema';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type {
  FieldConfig as TimelineField,
  Options as TimelineOptions,
} from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type {
  FieldConfig as SeriesField,
  Options as SeriesOptions,
} from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** As a file has it: Grafana fills in what is left out, and an enum's member is its text. */
type InFile<T> = unknown extends T
  ? T
  : T extends string
    ? `${T}`
    : T extends readonly (infer Element)[]
      ? InFile<Element>[]
      : T extends object
        ? { [Key in keyof T]?: InFile<T[Key]> }
        : T;

/** Of Prometheus' data source, whose query is no part of the schema. */
interface Target {
  refId: string;
  datasource: { type: 'prometheus'; uid: string };
  expr: string;
  legendFormat: string;
}

type PanelOf<Type extends string, Options, Field> = Omit<
  InFile<Panel>,
  'type' | 'options' | 'fieldConfig' | 'targets'
> & {
  type: Type;
  options: InFile<Options>;
  fieldConfig: {
    defaults: Omit<InFile<FieldConfigSource['defaults']>, 'custom'> & { custom?: InFile<Field> };
    overrides: InFile<FieldConfigSource['overrides']>;
  };
  targets: Target[];
};

type Row = Omit<InFile<RowPanel>, 'type'> & { type: 'row' };

/** The query stands beside `target`, where every version of Prometheus' data source looks for it. */
type Annotation = Omit<InFile<AnnotationQuery>, 'target'> & {
  expr: string;
  titleFormat: string;
  textFormat: string;
  step: string;
};

export type DashboardFile = Omit<InFile<Dashboard>, 'panels' | 'annotations'> & {
  panels: (
    | Row
    | PanelOf<'stat', StatOptions, Record<string, never>>
    | PanelOf<'state-timeline', TimelineOptions, TimelineField>
    | PanelOf<'timeseries', SeriesOptions, SeriesField>
  )[];
  annotations: { list: Annotation[] };
};

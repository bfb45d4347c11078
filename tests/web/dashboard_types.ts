// What a dashboard of ours is, in Grafana's own types.
import type { Dashboard, FieldConfig, Panel, RowPanel } from "@grafana/schema";
import type * as heatmap from "@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen";
import type * as stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as timeseries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

// Their enums as JSON has them: "list" for LegendDisplayMode.List.
type Plain<T> = T extends string
  ? `${T}`
  : T extends number
    ? `${T}` extends `${infer N extends number}` ? N : never
    : T extends (infer Item)[]
      ? Plain<Item>[]
      : T extends object
        ? { [Key in keyof T]: Plain<T[Key]> }
        : T;

// Grafana's Prometheus data source; @grafana/schema does not know it.
interface PromQuery {
  refId: string;
  datasource: { type: "prometheus"; uid: string };
  expr: string;
  legendFormat: string;
  range: true;
  format?: "time_series" | "heatmap";
}

// A panel's options are anything to Dashboard, and exactly its plugin's here.
type PanelOf<Kind, Options, Custom> = Omit<Panel, "type" | "options" | "fieldConfig" | "targets"> & {
  type: Kind;
  options: Options;
  fieldConfig: { defaults: Omit<FieldConfig, "custom"> & { custom: Custom }; overrides: [] };
  targets: PromQuery[];
};

type OurPanel =
  | PanelOf<"timeseries", timeseries.Options, timeseries.FieldConfig>
  | PanelOf<"heatmap", heatmap.Options, heatmap.FieldConfig>
  | PanelOf<"stat", stat.Options, Record<string, never>>
  | RowPanel;

export type OurDashboard = Plain<Omit<Dashboard, "panels"> & { panels: OurPanel[] }>;

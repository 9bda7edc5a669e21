import type { components } from "./types.gen";

// The names that the rest of the page uses for the generated wire types. Times
// are RFC 3339 strings in UTC, ids are UUIDs; docs/contracts.md says more.

type Schemas = components["schemas"];

export type Alert = Schemas["Alert"];
export type AlertBoard = Schemas["Board"];
export type AlertChannels = Schemas["Channels"];
export type AlertMetric = Schemas["Metric"];
export type AlertNotice = Schemas["Notice"];
export type AlertRule = Schemas["Rule"];
export type Attention = Schemas["Attention"];
export type Catalogue = Schemas["CatalogueView"];
export type CatalogueRow = Schemas["CatalogueRow"];
export type CheckProgress = Schemas["Progress"];
export type CheckResult = Schemas["CheckResult"];
export type CheckView = Schemas["CheckView"];
export type Conversation = Schemas["Conversation"];
export type ConversationDetail = Schemas["ConversationBody"];
export type ConversationPage = Schemas["ConversationsBody"];
export type EngineBody = Schemas["EngineBody"];
export type EngineStatus = Schemas["Status"];
export type EngineSlot = Schemas["Slot"];
export type Figures = Schemas["Figures"];
export type Golden = Schemas["Golden"];
export type GoldenQuestion = Schemas["Question"];
export type Message = Schemas["Message"];
export type Sample = Schemas["Sample"];
export type SearchHit = Schemas["Hit"];
export type ModelSettings = Schemas["ModelSettings"];
export type Settings = Schemas["Settings"];
export type Turn = Schemas["StartedBody"];
export type Upload = Schemas["Upload"];

export type ModelState =
  | "new"
  | "copying"
  | "checking"
  | "ready"
  | "loading"
  | "loaded"
  | "draining"
  | "set_aside"
  | "refused"
  | "adapter";
export type Fit = Omit<Schemas["Fit"], "verdict"> & { readonly verdict: "fits" | "fits_partly" | "wont_fit" };
export type Model = Omit<Schemas["Model"], "state" | "fit"> & { readonly state: ModelState; readonly fit?: Fit };
export interface Models {
  readonly models: readonly Model[];
  readonly status: EngineStatus;
}

export interface Hardware {
  readonly facts: {
    readonly cpu: { readonly name: string; readonly cores: number };
    readonly memory: { readonly total: number; readonly limit?: number };
    readonly gpus?: readonly { readonly name: string; readonly driver?: string; readonly memory?: number }[];
  };
  readonly status: EngineStatus;
}

export type Theme = NonNullable<Settings["theme"]>;

import { useQuery } from "@tanstack/react-query";
import * as api from "@/api/alerts";
import { asProblem } from "@/api/problem";
import type { AlertChannels, AlertRule } from "@/api/types";
import { keys, queries } from "./client";
import { sentence } from "./sentences";

// Alerts: what is shown, and what a person can change.

export type Channel = api.Channel;

// The figures beside the rules are read again while somebody looks.
const figuresEveryMs = 10_000;

export const useAlerts = () =>
  useQuery({ queryKey: keys.alerts, queryFn: api.getAlerts, staleTime: 0, refetchInterval: figuresEveryMs });

export const useAlertChannels = () => useQuery({ queryKey: keys.alertChannels, queryFn: api.getChannels });

// Failed says what was wrong, and with which field ("" for none).
export interface Failed {
  readonly text: string;
  readonly field: string;
}

export const saveRules = (rules: AlertRule[]) => keep(keys.alerts, () => api.putRules(rules));
export const resetRules = () => keep(keys.alerts, api.resetRules);
// saveChannels leaves out lines without an address, as Enter after the last one makes.
export const saveChannels = ({ email, ...rest }: AlertChannels) =>
  keep(keys.alertChannels, () =>
    api.putChannels({ ...rest, email: { ...email, to: email.to.filter((line) => line !== "") } }),
  );

// testChannel gives null when the message was taken.
export const testChannel = (channel: Channel): Promise<Failed | null> => tried(() => api.testChannel(channel));

const keep = <T>(key: readonly string[], call: () => Promise<T>) =>
  tried(async () => queries.setQueryData(key, await call()));

async function tried(call: () => Promise<unknown>): Promise<Failed | null> {
  try {
    await call();
    return null;
  } catch (thrown) {
    return { text: sentence(thrown), field: asProblem(thrown).field };
  }
}

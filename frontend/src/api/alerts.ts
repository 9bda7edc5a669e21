import { answer, client } from "./transport";
import type { AlertChannels, AlertRule } from "./types";

// The calls of alerts. Secrets go in with putChannels and never come back.

export const getAlerts = () => answer(client.GET("/api/v1/alerts"));
export const putRules = (rules: AlertRule[]) => answer(client.PUT("/api/v1/alerts/rules", { body: { rules } }));
export const resetRules = () => answer(client.DELETE("/api/v1/alerts/rules"));

export const getChannels = () => answer(client.GET("/api/v1/alerts/channels"));
export const putChannels = (channels: AlertChannels) =>
  answer(client.PUT("/api/v1/alerts/channels", { body: channels }));

export type Channel = "desktop" | "email" | "webhook" | "syslog";
export const testChannel = (channel: Channel) =>
  answer(client.POST("/api/v1/alerts/channels/{channel}/test", { params: { path: { channel } } }));

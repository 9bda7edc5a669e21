import { answer, client } from "./transport";
import type { components } from "./types.gen";

// What this box can do, and for how much.

type Schemas = components["schemas"];

export type CapacityView = Schemas["CapacityView"];
export type CapacityProgress = Schemas["CapacityProgress"];
export type CapacityResult = Schemas["CapacityResult"];
export type CapacityStep = Schemas["CapacityStep"];
export type CapacityEstimate = Schemas["CapacityEstimate"];
export type CapacityStart = Schemas["CapacityStartBody"];
export type CostView = Schemas["CostView"];
export type CostRow = Schemas["CostRow"];
export type Prices = Schemas["PricesView"];
export type Sheet = Schemas["CostSheet"];

export const getCapacity = (model: string) =>
  answer(client.GET("/api/v1/capacity", { params: { query: model ? { model } : {} } }));
export const startCapacity = (body: CapacityStart) => answer(client.POST("/api/v1/capacity", { body }));
export const stopCapacity = () => answer(client.DELETE("/api/v1/capacity"));

export const getCost = (days: number) => answer(client.GET("/api/v1/cost", { params: { query: { days } } }));
export const getPrices = () => answer(client.GET("/api/v1/prices"));
export const putPrices = (body: Sheet) => answer(client.PUT("/api/v1/prices", { body }));
export const resetPrices = () => answer(client.DELETE("/api/v1/prices"));

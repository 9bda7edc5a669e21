import { keepPreviousData, useQuery } from "@tanstack/react-query";
import * as api from "@/api/operate";
import { keys, queries } from "../client";
import { sentence } from "../sentences";

export const useCost = (days: number) =>
  useQuery({
    queryKey: keys.cost(days),
    queryFn: () => api.getCost(days),
    staleTime: 0,
    placeholderData: keepPreviousData,
  });

export const usePrices = () => useQuery({ queryKey: keys.prices, queryFn: api.getPrices });

// savePrices gives the sentence of what is wrong, null when the sheet was kept.
export const savePrices = (sheet: api.Sheet) => keep(() => api.putPrices(sheet));

export const resetPrices = () => keep(api.resetPrices);

async function keep(call: () => ReturnType<typeof api.getPrices>): Promise<string | null> {
  try {
    queries.setQueryData(keys.prices, await call());
    void queries.invalidateQueries({ queryKey: ["cost"] });
    return null;
  } catch (thrown) {
    return sentence(thrown);
  }
}

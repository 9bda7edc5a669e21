import { keepPreviousData, useQuery } from "@tanstack/react-query";
import * as api from "@/api/operate";
import { asProblem } from "@/api/problem";
import { keys, queries } from "../client";
import { complain } from "../commands";

// The model is the one that is put on other devices, "" for the measured one.
export const useCapacity = (model: string) =>
  useQuery({
    queryKey: keys.capacity(model),
    queryFn: () => api.getCapacity(model),
    staleTime: 0,
    placeholderData: keepPreviousData,
  });

export async function startCapacity(settings: api.CapacityStart): Promise<void> {
  try {
    const running = await api.startCapacity(settings);
    // Events may have told of it before this answer came, and then know more.
    queries.setQueriesData<api.CapacityView>(
      { queryKey: ["capacity"] },
      (view) => view && { ...view, running: view.running ?? running },
    );
    void queries.invalidateQueries({ queryKey: ["capacity"] }); // it may even have ended
  } catch (thrown) {
    complain(asProblem(thrown));
    void queries.invalidateQueries({ queryKey: ["capacity"] });
  }
}

export async function stopCapacity(): Promise<void> {
  try {
    await api.stopCapacity();
  } catch (thrown) {
    complain(asProblem(thrown));
  }
}

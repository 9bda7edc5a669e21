import { useQuery } from "@tanstack/react-query";
import * as api from "@/api/operate";
import { asProblem } from "@/api/problem";
import { keys, queries } from "../client";
import { complain } from "../commands";

export const useCapacity = () => useQuery({ queryKey: keys.capacity, queryFn: api.getCapacity, staleTime: 0 });

export async function startCapacity(settings: api.CapacityStart): Promise<void> {
  try {
    const running = await api.startCapacity(settings);
    // Events may have told of it before this answer came, and then know more.
    queries.setQueryData<api.CapacityView>(
      keys.capacity,
      (view) => view && { ...view, running: view.running ?? running },
    );
    void queries.invalidateQueries({ queryKey: keys.capacity }); // it may even have ended
  } catch (thrown) {
    complain(asProblem(thrown));
    void queries.invalidateQueries({ queryKey: keys.capacity });
  }
}

export async function stopCapacity(): Promise<void> {
  try {
    await api.stopCapacity();
  } catch (thrown) {
    complain(asProblem(thrown));
  }
}

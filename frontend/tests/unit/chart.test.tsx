import { render, screen, within } from "@testing-library/react";
import { lazy } from "react";
import { describe, expect, it, vi } from "vitest";
import { ChartTable } from "@/parts/chart/ChartTable";
import { moment, tick } from "@/parts/chart/clock";
import { lonely, rowsOf, summarize, sumUp } from "@/parts/chart/figures";
import { forget, nextFrame } from "@/parts/chart/frames";
import { plotOptions } from "@/parts/chart/plot";
import { Later } from "@/parts/Later";

describe("summarize", () => {
  it("counts only what is known", () => {
    expect(summarize([null, 4, null, 2, null])).toEqual({ last: 2, min: 2, mean: 3, max: 4 });
    expect(summarize([])).toBeNull();
    expect(summarize([null, Number.NaN, Number.POSITIVE_INFINITY])).toBeNull();
    expect(summarize([0])).toEqual({ last: 0, min: 0, mean: 0, max: 0 });
  });
});

describe("rowsOf", () => {
  const times = (n: number) => Array.from({ length: n }, (_, i) => i);
  it("gives every point while there are few, newest first", () => {
    expect(rowsOf([1, 2, 3], [{ label: "a", values: [10, null, 30] }])).toEqual([
      { at: 3, values: [30] },
      { at: 1, values: [10] },
    ]);
  });

  it("never gives more than thirty rows and loses no value of the mean", () => {
    for (const n of [29, 30, 31, 300, 719, 720]) {
      const values = times(n);
      const rows = rowsOf(times(n), [{ label: "a", values }]);
      expect(rows.length).toBeLessThanOrEqual(30);
      expect(rows[0]?.at).toBe(n - 1);
      const size = Math.ceil(n / 30);
      expect(rows[0]?.values[0]).toBeCloseTo(n - 1 - (size - 1) / 2);
    }
  });
});

describe("lonely", () => {
  it("finds the points that no line goes through", () => {
    expect(lonely([1, null, 2, 3, null, 4])).toEqual([0, 5]);
    expect(lonely([7])).toEqual([0]);
    expect(lonely([])).toEqual([]);
  });
});

describe("clock", () => {
  it("says as much of a time as its scale needs", () => {
    const at = new Date(2026, 10, 28, 14, 5, 9).getTime() / 1000;
    expect(tick(at, 5)).toMatch(/^2:05:09\sPM$/);
    expect(tick(at, 60)).toMatch(/^2:05\sPM$/);
    expect(tick(at, 86_400)).toBe("Nov 28");
    expect(tick(new Date(2026, 10, 28).getTime() / 1000, 3600 * 6)).toBe("Nov 28");
    expect(moment(at, 300)).toMatch(/^2:05:09\sPM$/);
    expect(moment(at, 7 * 86_400)).toMatch(/^Nov 28, 2:05\sPM$/);
  });
});

describe("nextFrame", () => {
  it("draws each owner once in one frame, and nobody who has left", async () => {
    const drawn: string[] = [];
    const [a, b, c] = [{}, {}, {}];
    nextFrame(a, () => drawn.push("old"));
    nextFrame(b, () => drawn.push("b"));
    nextFrame(a, () => drawn.push("a"));
    nextFrame(c, () => drawn.push("c"));
    forget(c);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    expect(drawn).toEqual(["a", "b"]);
  });
});

describe("ChartTable", () => {
  it("has the newest, lowest, mean and highest of each line, the rows and the marks", () => {
    render(
      <ChartTable
        title="CPU"
        times={[1, 2, 3]}
        lines={[
          { label: "all", values: [10, 20, 60] },
          { label: "engine", values: [null, null, null] },
        ]}
        marks={[{ at: 2, label: "started" }]}
        format={(value) => `${value} %`}
        written={(at) => `at ${at}`}
        head="Time"
      />,
    );
    const rows = within(screen.getByRole("table")).getAllByRole("row");
    expect(rows.map((row) => [...row.children].map((cell) => cell.textContent).join("|"))).toEqual([
      "Time|all|engine",
      "Newest|60 %|–",
      "Lowest|10 %|–",
      "Mean|30 %|–",
      "Highest|60 %|–",
      "at 3|60 %|–",
      "at 2|20 %|–",
      "at 1|10 %|–",
    ]);
    expect(screen.getByRole("listitem").textContent).toBe("at 2: started");
  });
});

describe("peaks", () => {
  const line = { label: "CPU", values: [2, 4], peak: [90, 95] };

  it("are the highest, and leave the other figures alone", () => {
    expect(sumUp(line)).toEqual({ last: 4, min: 2, mean: 3, max: 95 });
    expect(sumUp({ ...line, peak: [null, null] })?.max).toBe(4);
    expect(sumUp({ ...line, values: [null, null] })).toBeNull();
  });

  it("are drawn, thin, beside their lines", () => {
    const shape = { lines: 2, band: undefined, sync: undefined, whole: false, onCursor: nothing, onDrawn: nothing };
    const drawn = (peaks: boolean) => plotOptions({ ...shape, peaks }, () => ({}) as never, 100, 100).series;
    expect(drawn(false)).toHaveLength(3);
    expect(drawn(true).map(({ width }) => width)).toEqual([undefined, 1.5, 1.5, 0.75, 0.75]);
  });

  it("are told of in the table", () => {
    const format = (value: number) => `${value} %`;
    render(
      <ChartTable title="CPU" times={[1, 2]} lines={[line]} marks={[]} format={format} written={String} head="Time" />,
    );
    expect(screen.getByRole("row", { name: /Highest/ }).textContent).toContain("95 %");
  });
});

const nothing = () => undefined;

describe("Later", () => {
  it("says in its place that a part could not be loaded", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const Gone = lazy(() => Promise.reject(new Error("no such file")));
    render(
      <>
        <p>the rest</p>
        <Later>
          <Gone />
        </Later>
      </>,
    );
    await screen.findByRole("alert");
    screen.getByRole("button", { name: "Load the page again" });
    screen.getByText("the rest");
    vi.restoreAllMocks();
  });
});

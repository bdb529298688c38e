import * as Plot from '@observablehq/plot';
import { useEffect, useRef, useState, type ReactNode } from 'react';

/** The class of every plot: the service allows the one style sheet that Plot writes for this name, and no other. */
export const PLOT_CLASS = 'plot';

type Options = (width: number) => Plot.PlotOptions;

/**
 * A plot as wide as there is room, in a frame that keeps its height. Drawn anew only when `draw` is another function, so
 * make it with `useCallback` or `useMemo`. Screen readers get `label` and the table that stands beside it.
 */
export const Chart = ({
  draw,
  height,
  label,
}: Readonly<{ draw: Options; height: number; label: string }>): ReactNode => {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    const element = frame.current;
    if (!element || width === 0) return;
    const plot = Plot.plot({ className: PLOT_CLASS, width, height, ...draw(width) });
    plot.setAttribute('aria-hidden', 'true');
    element.replaceChildren(plot);
  }, [draw, width, height]);
  return <div ref={frame} className="chart" role="img" aria-label={label} style={{ height }} />;
};

export type Key = Readonly<{ name: string; mark: string }>;

/** What the marks of a plot stand for; `mark` is a class of the style sheet. */
export const Legend = ({ keys }: Readonly<{ keys: readonly Key[] }>): ReactNode => (
  <ul className="legend">
    {keys.map(({ name, mark }) => (
      <li key={name}>
        <span className={`key ${mark}`} aria-hidden="true" /> {name}
      </li>
    ))}
  </ul>
);

/** A plot with the table of the same numbers below it. */
export const Figure = ({
  caption,
  chart,
  children,
}: Readonly<{ caption: string; chart: ReactNode; children: ReactNode }>): ReactNode => (
  <figure>
    <figcaption>{caption}</figcaption>
    {chart}
    <details>
      <summary>The same as a table</summary>
      {children}
    </details>
  </figure>
);

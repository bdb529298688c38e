/** p-values of a family so that each may be held against alpha itself [Holm 1979]; in the order given. */
export const holm = (values: readonly number[]): readonly number[] => {
  const order = values.map((p, at) => ({ p, at })).sort((a, b) => a.p - b.p || a.at - b.at);
  const adjusted = values.map(() => 1);
  let most = 0;
  order.forEach(({ p, at }, step) => {
    most = Math.min(1, Math.max(most, p * (values.length - step)));
    adjusted[at] = most;
  });
  return adjusted;
};

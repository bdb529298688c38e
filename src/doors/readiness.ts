/** Whether a part of the service can do its work, and what there is to say about it. */
export type PartState = Readonly<{ ready: boolean; detail: string }>;
export type Part = () => PartState | Promise<PartState>;

/** Parts whose work the service cannot do without. Whoever has one adds it. */
export class Readiness {
  private readonly parts = new Map<string, Part>();

  add(name: string, part: Part): void {
    this.parts.set(name, part);
  }

  async state(): Promise<Readonly<{ ready: boolean; parts: Readonly<Record<string, PartState>> }>> {
    const states = await Promise.all(
      [...this.parts].map(async ([name, part]): Promise<[string, PartState]> => [name, await orFailed(part)]),
    );
    return { ready: states.every(([, { ready }]) => ready), parts: Object.fromEntries(states) };
  }
}

const orFailed = async (part: Part): Promise<PartState> => {
  try {
    return await part();
  } catch (error) {
    return { ready: false, detail: error instanceof Error ? error.message : String(error) };
  }
};

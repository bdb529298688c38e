/** The files of a published log, by their paths in it (c2sp.org/tlog-tiles): `checkpoint` and `tile/…`. */
export abstract class TileStore {
  /** Undefined where there is none. */
  abstract read(path: string): Promise<Uint8Array | undefined>;
  /** The file is whole and on disk when this resolves, or as it was before. */
  abstract write(path: string, bytes: Uint8Array): Promise<void>;
  /** Takes away the partial tiles that a full one holds. */
  abstract removePartials(path: string): Promise<void>;
}

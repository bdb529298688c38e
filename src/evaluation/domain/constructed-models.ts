import { MalformedCheckpoint, tensorPlaces, writeValues } from './safetensors.js';

const EMBEDDINGS = 'backbone.embeddings.weight';
const FINAL_NORM = 'backbone.norm_f.weight';
const BITS = 8;
/** Weight of the last norm in the echo model: the right byte stands at least 2 x 4 x width / 8 above any other. */
const SHARPNESS = 4;

/** A checkpoint of the same shape with every weight zero: all 256 bytes are equally likely, so 8 bits per byte. */
export const uniformModel = (checkpoint: Uint8Array): Uint8Array => {
  const model = Uint8Array.from(checkpoint);
  for (const place of tensorPlaces(model).values()) writeValues(model, place, () => 0);
  return model;
};

/**
 * A checkpoint of the same shape that says the byte it has just read: layers add nothing, and the embedding of a byte is its
 * bits as +1 and -1, over and over, so that of all bytes it is closest to itself. Width a multiple of 8.
 */
export const echoModel = (checkpoint: Uint8Array): Uint8Array => {
  const model = uniformModel(checkpoint);
  const places = tensorPlaces(model);
  const [embeddings, norm] = [places.get(EMBEDDINGS), places.get(FINAL_NORM)];
  const width = embeddings?.shape[1] ?? 0;
  if (!embeddings || !norm || width % BITS !== 0)
    throw new MalformedCheckpoint(`${EMBEDDINGS} must be of a width that is a multiple of ${BITS}, not ${width}`);
  writeValues(model, embeddings, (at) => {
    const [byte, bit] = [Math.floor(at / width), (at % width) % BITS];
    return (byte >> bit) & 1 ? 1 : -1;
  });
  writeValues(model, norm, () => SHARPNESS);
  return model;
};

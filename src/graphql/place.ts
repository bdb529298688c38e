/** Where in the log a question stands, and whether whoever asks said so. */
export type Place = Readonly<{ asOf: number; asked: boolean }>;

const PLACE = Symbol('place');

/** An answer that knows its place, so that what is asked beneath it is answered as of the same position. */
export const placed = <T extends object>(answer: T, place: Place): T => Object.assign({ [PLACE]: place }, answer);

/** @throws RangeError for an answer that was not {@link placed} */
export const placeOf = (answer: object): Place => {
  const { [PLACE]: place } = answer as { [PLACE]?: Place };
  if (!place) throw new RangeError('place: this answer has none; whoever gives it calls placed');
  return place;
};

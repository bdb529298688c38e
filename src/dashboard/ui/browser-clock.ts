/** The one place of the page that reads a clock or writes times as people do. */

export const nowMs = (): number => performance.now();

export const timeNow = (): string => new Date().toLocaleTimeString(undefined, { hour12: false });

const WHEN: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'medium', hour12: false };

/** A recorded time in the reader's own zone; what is no time is shown as it is. */
export const shownTime = (iso: string): string => {
  const time = new Date(iso);
  return Number.isNaN(time.valueOf()) ? iso : time.toLocaleString(undefined, WHEN);
};

/** RFC 3339 in UTC of what a `datetime-local` field holds, which is in the reader's own zone; undefined of nothing. */
export const asInstant = (local: string): string | undefined => {
  const time = new Date(local);
  return Number.isNaN(time.valueOf()) ? undefined : time.toISOString();
};

/** Characters of a reason that is kept in the log; apart from the doors' classes, so that a terminal command loads none. */
export const LONGEST_REASON = 2000;

/** Imported first: the process goes by a number that none has, so that the names of its files are known beforehand. */
const BEYOND_ANY_PID = 2 ** 22 + 1;
Object.defineProperty(process, 'pid', { value: BEYOND_ANY_PID });

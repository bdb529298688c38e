import { config } from 'zod';

/** The page may not compile code at run time, and zod would try. */
config({ jitless: true });

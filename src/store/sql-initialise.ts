import { PGlite } from '@electric-sql/pglite';

// A process of its own: making a cluster takes 0.8 GB of memory, which a process that did it would keep.
const [, , folder = ''] = process.argv;
const made = await PGlite.create({ dataDir: folder });
await made.close();

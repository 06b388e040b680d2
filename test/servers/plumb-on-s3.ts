// `plumb` with the storage of the project in this folder moved to a prefix of its own, below PLUMB_ON_S3.
import { basename } from 'node:path';

process.env.PLUMB_STORAGE = `${process.env.PLUMB_ON_S3}/${basename(process.cwd())}`;
await import('../../bin/plumb.js');

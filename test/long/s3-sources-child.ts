// Another process that reads a source over and over, each time with a lease of its own: `node … <settings> <path>`. Says
// how many files it saw, each whole and of one content.
import { readFile } from 'node:fs/promises';
import type { S3Settings } from '../../src/s3-settings.ts';
import { S3Connection } from '../../src/storage/s3/s3-connection.ts';
import { S3SourceFiles } from '../../src/storage/s3/s3-source-files.ts';

const [settings = '', path = ''] = process.argv.slice(2);
let seen = 0;
for (let round = 0; round < 5; round += 1) {
  await using files = new S3SourceFiles({ connection: S3Connection.open(JSON.parse(settings) as S3Settings) });
  for (const { uri, sizeBytes } of await files.list(path)) {
    const content = await readFile(new URL(uri));
    if (content.length === sizeBytes && content.every((byte) => byte === content[0])) seen += 1;
  }
}
process.stdout.write(String(seen));

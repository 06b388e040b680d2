// An S3 server for programs that are no tests: says in one line of JSON how to reach it, and stops it when its standard
// input ends.
import { once } from 'node:events';
import { S3Server } from './s3.ts';

await using server = await S3Server.start();
const { endpoint, bucket, credentials } = server;
process.stdout.write(`${JSON.stringify({ endpoint, bucket, credentials })}\n`);
process.stdin.resume();
await once(process.stdin, 'end');

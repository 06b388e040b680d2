import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { isUtf8Stream } from './utf8.ts';

const inChunks = (bytes: Buffer, size: number): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
  );

test('characters that chunks cut are characters; other bytes and a cut at the end are not', async () => {
  for (let size = 1; size < 8; size += 1) {
    assert.equal(await isUtf8Stream(inChunks(Buffer.from('aé€😀zß漢字😀'), size)), true, `${size}`);
    assert.equal(await isUtf8Stream(inChunks(Buffer.from('caf\xe9,0', 'latin1'), size)), false, `${size}`);
    assert.equal(await isUtf8Stream(inChunks(Buffer.from('😀').subarray(0, 3), size)), false, `${size}`);
    assert.equal(await isUtf8Stream(inChunks(Buffer.from([0x80, 0x80, 0x80, 0x80]), size)), false, `${size}`);
  }
});

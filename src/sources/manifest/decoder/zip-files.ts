import { Inflate } from "fflate";

import { crc32 } from "./crc32.ts";
import { broken, Decompressed, inPieces } from "./decompressed.ts";

/*
 * APPNOTE.TXT, PKWARE's description of the format: 4.3.12 (entries of the directory), 4.3.14 to 4.3.16 (its end), 4.5.3
 * (what is too long for 32 bits).
 */
const END = 0x06054b50;
const END_BYTES = 22;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const LOCATOR_64_BYTES = 20;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const ELSEWHERE = 0xffffffff;
const EXTRA_64 = 1;
const STORED = 0;
const DEFLATED = 8;
const IS_ENCRYPTED = 1;

/** Longest comment after the end of the directory. */
const MAX_COMMENT_BYTES = 0xffff;

interface Entry {
  readonly isFolder: boolean;
  readonly method: number;
  readonly checksum: number;
  readonly compressedBytes: number;
  /** Of the local header, before the data. */
  readonly offset: number;
}

/**
 * The files of a zip archive in the order of its directory. Throws a SourceFailure where the archive is none, is
 * broken, or comes to more than there is memory for.
 */
export function zipFiles(bytes: Uint8Array): Uint8Array[] {
  const found = new Decompressed();
  const ends: [number, number][] = [];
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const entry of entriesOf(bytes, view)) {
      if (entry.isFolder) continue;
      const start = found.length;
      if (extract(bytes, view, entry, found) !== entry.checksum) throw broken("zip archive");
      ends.push([start, found.length]);
    }
  } catch (error) {
    // An offset beyond the end.
    throw error instanceof RangeError ? broken("zip archive") : error;
  }
  const all = found.bytes();
  return ends.map(([start, end]) => all.subarray(start, end));
}

/** @returns the checksum of what was extracted */
function extract(bytes: Uint8Array, view: DataView, entry: Entry, found: Decompressed): number {
  const start =
    entry.offset + LOCAL_BYTES + view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true);
  const data = bytes.subarray(start, start + entry.compressedBytes);
  if (data.byteLength !== entry.compressedBytes) throw broken("zip archive");
  let checksum = 0;
  const add = (chunk: Uint8Array) => {
    checksum = crc32(chunk, checksum);
    found.add(chunk);
  };
  if (entry.method === STORED) add(data);
  else if (entry.method !== DEFLATED) throw broken("zip archive (compressed in a way that is not known here)");
  else {
    const inflate = new Inflate(add);
    inPieces(data, "zip archive", (piece, isLast) => inflate.push(piece, isLast));
  }
  return checksum;
}

function* entriesOf(bytes: Uint8Array, view: DataView): Generator<Entry> {
  const { count, offset } = directoryOf(view);
  let at = offset;
  for (let index = 0; index < count; index += 1) {
    if (view.getUint32(at, true) !== ENTRY) throw broken("zip archive");
    if ((view.getUint16(at + 8, true) & IS_ENCRYPTED) !== 0) throw broken("zip archive (it is encrypted)");
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const [compressedBytes, localOffset] = placeOf(view, at, at + ENTRY_BYTES + nameBytes, extraBytes);
    yield {
      isFolder: bytes[at + ENTRY_BYTES + nameBytes - 1] === 0x2f && nameBytes > 0,
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      compressedBytes,
      offset: localOffset,
    };
    at += ENTRY_BYTES + nameBytes + extraBytes + view.getUint16(at + 32, true);
  }
}

function directoryOf(view: DataView): { readonly count: number; readonly offset: number } {
  const last = view.byteLength - END_BYTES;
  let end = last;
  while (end >= 0 && view.getUint32(end, true) !== END) end -= 1;
  if (end < Math.max(0, last - MAX_COMMENT_BYTES)) throw broken("zip archive");
  const locator = end - LOCATOR_64_BYTES;
  if (locator >= 0 && view.getUint32(locator, true) === LOCATOR_64) {
    const at = long(view, locator + 8);
    if (view.getUint32(at, true) === END_64) return { count: long(view, at + 32), offset: long(view, at + 48) };
  }
  return { count: view.getUint16(end + 10, true), offset: view.getUint32(end + 16, true) };
}

/** Compressed length and offset; where they are too long for their fields, they are in an extra field. */
function placeOf(view: DataView, entry: number, extra: number, extraBytes: number): readonly [number, number] {
  const short = [entry + 24, entry + 20, entry + 42].map((at) => view.getUint32(at, true));
  const [, compressedBytes = 0, offset = 0] = short;
  if (!short.includes(ELSEWHERE)) return [compressedBytes, offset];
  for (let at = extra; at + 4 <= extra + extraBytes; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== EXTRA_64) continue;
    let next = at + 4;
    const [, longBytes = 0, longOffset = 0] = short.map((value) => {
      if (value !== ELSEWHERE) return value;
      next += 8;
      return long(view, next - 8);
    });
    return [longBytes, longOffset];
  }
  return [compressedBytes, offset];
}

function long(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

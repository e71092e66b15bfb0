import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, opendir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { MillraceError } from "@millrace/protocol";
import type { Hex } from "viem";
import { z } from "zod";
import { hasCode, RelayError } from "../errors.ts";
import { blobKeyOf, storagePathOf } from "../keys.ts";
import type { BlobStore, OpenBlob, StoredBlob } from "./blobStore.ts";

/** A blob's file is its bytes followed by this as JSON, so that one rename stores both or nothing. */
const footerSchema = z.strictObject({
  signature: z.templateLiteral(["0x", z.string().regex(/^[0-9a-f]+$/)]),
  // Over the bytes and the signature; tells damage on disk as they are read. Not the content hash: keccak256 in
  // JavaScript is some fifty times slower.
  sha256: z.string(),
});

type Footer = z.infer<typeof footerSchema>;

/** Far above any signature that fits into an HTTP header. */
const MAX_FOOTER_BYTES = 65_536;

const READ_BYTES = 262_144;

const FILE_NAME = /^(?<receivedAtMs>\d{1,16})-(?<sizeBytes>\d{1,16})-(?<contentHash>0x[0-9a-f]{64})$/;

/**
 * Keeps blobs in a folder:
 *
 *     blobs/CHAIN/MARKET/JOB/LOT/KIND/AUTHOR/RECEIVED-SIZE-HASH    whole blobs
 *     uploads/UUID                                                 unfinished ones, removed at start
 *
 * One relay to a folder: a second would remove the first one's uploads.
 *
 * @throws MillraceError `relay-folder-not-writable`
 */
export async function openFolderStore(folder: string): Promise<BlobStore> {
  const blobsFolder = join(folder, "blobs");
  const uploadsFolder = join(folder, "uploads");
  try {
    await rm(uploadsFolder, { recursive: true, force: true });
    await mkdir(uploadsFolder, { recursive: true, mode: 0o700 });
    await mkdir(blobsFolder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new MillraceError(`The relay cannot keep blobs in ${folder}.`, {
      code: "relay-folder-not-writable",
      hints: ["Choose another folder with --folder or RELAY_FOLDER."],
      cause,
    });
  }

  const fileOf = ({ key, receivedAtMs, sizeBytes, contentHash }: StoredBlob) =>
    join(blobsFolder, storagePathOf(key), `${receivedAtMs}-${sizeBytes}-${contentHash}`);

  const close = async () => {};
  return {
    async *list() {
      for await (const entry of await opendir(blobsFolder, { recursive: true })) {
        if (!entry.isFile()) continue;
        const names = FILE_NAME.exec(entry.name)?.groups;
        const key = blobKeyOf(relative(blobsFolder, entry.parentPath).split(sep));
        if (!names || !key) continue;
        yield {
          key,
          contentHash: names.contentHash as Hex,
          sizeBytes: Number(names.sizeBytes),
          receivedAtMs: Number(names.receivedAtMs),
        };
      }
    },

    async write(blob, signature, bytes) {
      const upload = join(uploadsFolder, randomUUID());
      try {
        await writeWhole(upload, bytes, signature);
        await moveInto(upload, fileOf(blob));
      } catch (error) {
        await rm(upload, { force: true });
        // EFBIG: larger than the file system or the process's limits allow.
        if (!hasCode(error, "ENOSPC", "EDQUOT", "EFBIG")) throw error;
        throw new RelayError("The relay's disk is full.", { code: "disk-full", cause: error });
      }
    },

    async open(blob) {
      const file = await open(fileOf(blob)).catch((cause: unknown) => {
        // Any other failure, such as too many open files, says nothing about the blob.
        throw hasCode(cause, "ENOENT") ? damaged(blob, "Its file is gone.", cause) : cause;
      });
      try {
        return await openWhole(file, blob);
      } catch (error) {
        await file.close();
        throw error;
      }
    },

    async remove(blob) {
      const file = fileOf(blob);
      await rm(file, { force: true });
      await removeEmptyFolders(dirname(file), blobsFolder);
    },

    close,
    [Symbol.asyncDispose]: close,
  };
}

async function writeWhole(path: string, bytes: AsyncIterable<Uint8Array>, signature: Hex): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  for await (const part of bytes) {
    hash.update(part);
    await file.writeFile(part);
  }
  const sha256 = hash.update(signature).digest("hex");
  await file.writeFile(JSON.stringify({ signature, sha256 }));
  await file.sync();
}

/** Renames a file into a folder that may not be there yet, or that a sweep has just removed, for good. */
async function moveInto(from: string, to: string): Promise<void> {
  const folder = dirname(to);
  for (let attempt = 0; ; attempt++) {
    const firstMade = await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      await rename(from, to);
    } catch (error) {
      if (hasCode(error, "ENOENT") && attempt < 3) continue;
      throw error;
    }
    const top = firstMade === undefined ? folder : dirname(firstMade);
    for (let path = folder; ; path = dirname(path)) {
      await syncFolder(path);
      if (path === top) return;
    }
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders; there a rename is as durable as it gets.
  if (process.platform === "win32") return;
  await using folder = await open(path);
  await folder.sync();
}

async function openWhole(file: FileHandle, blob: StoredBlob): Promise<OpenBlob> {
  const footerBytes = (await file.stat()).size - blob.sizeBytes;
  if (footerBytes <= 0 || footerBytes > MAX_FOOTER_BYTES) throw damaged(blob, "Its file has another size.");
  const { buffer } = await file.read({ buffer: Buffer.alloc(footerBytes), position: blob.sizeBytes });
  const footer = readFooter(blob, buffer.toString());
  return {
    signature: footer.signature,
    bytes: readWhole(file, blob, footer),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

function readFooter(blob: StoredBlob, json: string): Footer {
  try {
    return footerSchema.parse(JSON.parse(json));
  } catch (cause) {
    throw damaged(blob, "Its file does not end as it should.", cause);
  }
}

/** Reads a blob's bytes, keeping the last part back until the hash of all is known. */
async function* readWhole(
  file: FileHandle,
  blob: StoredBlob,
  { signature, sha256 }: Footer,
): AsyncGenerator<Uint8Array> {
  const { sizeBytes } = blob;
  const hash = createHash("sha256");
  let position = 0;
  let last: Uint8Array | undefined;
  while (position < sizeBytes) {
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, sizeBytes - position));
    const { bytesRead } = await file.read({ buffer, position });
    if (bytesRead === 0) throw damaged(blob, "Its file was cut short.");
    if (last) yield last;
    last = buffer.subarray(0, bytesRead);
    hash.update(last);
    position += bytesRead;
  }
  if (hash.update(signature).digest("hex") !== sha256) throw damaged(blob, "Its bytes have changed.");
  if (last) yield last;
}

function damaged({ contentHash }: StoredBlob, details: string, cause?: unknown): MillraceError {
  return new MillraceError(`The stored blob ${contentHash} is damaged.`, {
    code: "damaged-blob",
    details,
    cause,
  });
}

async function removeEmptyFolders(from: string, top: string): Promise<void> {
  for (let path = from; path !== top; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch (error) {
      if (hasCode(error, "ENOENT")) continue;
      if (hasCode(error, "ENOTEMPTY", "EEXIST")) return;
      throw error;
    }
  }
}

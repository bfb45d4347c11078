// Presigns as users of the vendors' own clients would: 1,000 paths a call, for a while.
// Usage: presign.mjs s3|azure|gcs PATHS SECONDS. Prints {"wall_us", "cpu_us"} a path, the median call's.
import crypto from "node:crypto";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../tests/peers/package.json", import.meta.url));
const [kind, paths, seconds] = process.argv.slice(2);
const keys = Array.from({ length: Number(paths) }, (_, i) => `uploads/co_xyz/file_abc123${String(i + 1).padStart(6, "0")}/context.pdf`);

const makers = {
  s3() {
    const { GetObjectCommand, S3Client } = require("@aws-sdk/client-s3");
    const { getSignedUrl } = require("@aws-sdk/s3-request-presigner");
    const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
    const client = new S3Client({ region: "us-east-1", credentials });
    return (key) => getSignedUrl(client, new GetObjectCommand({ Bucket: "stored-files", Key: key }), { expiresIn: 300 });
  },
  azure() {
    const { BlobSASPermissions, ContainerClient, StorageSharedKeyCredential } = require("@azure/storage-blob");
    const credential = new StorageSharedKeyCredential("example", Buffer.alloc(64, 7).toString("base64"));
    const container = new ContainerClient("https://example.blob.core.windows.net/stored-files", credential);
    const permissions = BlobSASPermissions.parse("r");
    return (key) => container.getBlobClient(key).generateSasUrl({ permissions, expiresOn: new Date(Date.now() + 300_000) });
  },
  gcs() {
    const { Storage } = require("@google-cloud/storage");
    const { privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048, privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } });
    const bucket = new Storage({ projectId: "example", credentials: { client_email: "a@example.iam.gserviceaccount.com", private_key: privateKey } }).bucket("stored-files");
    return async (key) => (await bucket.file(key).getSignedUrl({ version: "v4", action: "read", expires: Date.now() + 300_000 }))[0];
  },
};

const presign = makers[kind]();
const walls = [];
const cpus = [];
let first = "";
for (const end = performance.now() + 1000 * Number(seconds); walls.length < 3 || performance.now() < end; ) {
  const wall = performance.now();
  const used = process.cpuUsage();
  [first] = await Promise.all(keys.map(presign));
  const { user, system } = process.cpuUsage(used);
  cpus.push((user + system) / keys.length);
  walls.push((1000 * (performance.now() - wall)) / keys.length);
}
const median = (of) => of.sort((a, b) => a - b)[Math.floor(of.length / 2)];
console.log(JSON.stringify({ wall_us: median(walls), cpu_us: median(cpus), first }));

// What Microsoft's own client signs and stores. Reads a JSON object a line and writes one for each, in order:
//   {"do":"sign", account, container, path, expires, protocol, key | delegation, endpoint, disposition} gives {query, url}
//   {"do":"put", account, container, path, key, endpoint} stores the path's own bytes, in a container that it makes; {}
import { createInterface } from "node:readline";
import {
  BlobSASPermissions, BlobServiceClient, ContainerClient, SASProtocol, StorageSharedKeyCredential, generateBlobSASQueryParameters,
} from "@azure/storage-blob";

const VERSION = "2020-12-06";

function delegationKey(from) {
  return {
    signedObjectId: from.object_id, signedTenantId: from.tenant_id, signedStartsOn: new Date(from.starts),
    signedExpiresOn: new Date(from.expires), signedService: "b", signedVersion: from.api_version, value: from.value,
  };
}

function sign(asked) {
  const terms = {
    containerName: asked.container, blobName: asked.path, permissions: BlobSASPermissions.parse("r"), version: VERSION,
    startsOn: asked.starts && new Date(asked.starts), expiresOn: new Date(asked.expires),
    contentDisposition: asked.disposition,
    protocol: asked.protocol === "https" ? SASProtocol.Https : SASProtocol.HttpsAndHttp,
  };
  const by = asked.key ? new StorageSharedKeyCredential(asked.account, asked.key) : delegationKey(asked.delegation);
  const query = generateBlobSASQueryParameters(terms, by, asked.account).toString();
  const url = asked.endpoint && new ContainerClient(`${asked.endpoint}/${asked.container}`).getBlobClient(asked.path).url;
  return { query, url };
}

const containers = new Map();

async function put(asked) {
  if (!containers.has(asked.container)) {
    const client = new BlobServiceClient(asked.endpoint, new StorageSharedKeyCredential(asked.account, asked.key));
    const container = client.getContainerClient(asked.container);
    containers.set(asked.container, container.createIfNotExists().then(() => container));
  }
  const container = await containers.get(asked.container);
  await container.getBlockBlobClient(asked.path).uploadData(Buffer.from(asked.path));
  return {};
}

const answers = [];
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  answers.push(asked.do === "put" ? put(asked) : sign(asked));
  if (answers.length % 16 === 0) await Promise.all(answers);
}
for (const answer of await Promise.all(answers)) console.log(JSON.stringify(answer));

// Presigns by Amazon's own SDK. Each line of stdin is {endpoint, region, path_style, bucket, access_key_id,
// secret_access_key, session_token, at, expires_in, keys, more} and is answered with a line, a JSON array of the keys' URLs.
import readline from "node:readline";

import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

for await (const line of readline.createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const client = new S3Client({
    endpoint: asked.endpoint,
    region: asked.region,
    forcePathStyle: asked.path_style,
    credentials: {
      accessKeyId: asked.access_key_id,
      secretAccessKey: asked.secret_access_key,
      sessionToken: asked.session_token || undefined,
    },
  });
  const terms = { expiresIn: asked.expires_in, signingDate: new Date(1000 * asked.at) };
  const urls = [];
  for (const key of asked.keys) {
    const command = new GetObjectCommand({ Bucket: asked.bucket, Key: key, ...asked.more });
    urls.push(await getSignedUrl(client, command, terms));
  }
  console.log(JSON.stringify(urls));
}

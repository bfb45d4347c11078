// The V4 signed URLs that Google's own client gives.
//
//     node tests/peers/gcs_urls.cjs <LINES
//
// A JSON value a line: first the terms, then objects' keys; out comes each key's URL, in their order. Terms: `bucket`, `at` (of
// X-Goog-Date's form), `expiresIn` (s), who signs, `account` (a JSON key file's members) or `hmac` ({id, secret}), and maybe
// `endpoint`, `cname` or `virtual`, and `dispositions` ({key: responseDisposition}).
const { createHmac } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { Storage } = require("@google-cloud/storage");

const [terms, ...keys] = readFileSync(0, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
const [, year, month, day, hour, minute, second] = terms.at.match(
  /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
);
const at = Date.UTC(year, month - 1, day, hour, minute, second);

const config = {
  version: "v4",
  action: "read",
  accessibleAt: at,
  expires: at + terms.expiresIn * 1000,
  virtualHostedStyle: terms.virtual,
  cname: terms.cname,
};
const storage = new Storage({
  projectId: "of-no-matter",
  credentials: terms.account,
  ...(terms.endpoint && { apiEndpoint: terms.endpoint }),
});

// The client signs by RSA alone. Its requests are kept, with the algorithm's other name, and signed as Google's page "Signatures"
// tells it.
async function signByHmac({ id, secret }) {
  const mac = (key, text) => createHmac("sha256", key).update(text).digest();
  const named = (text) => text.replace("GOOG4-RSA-SHA256", "GOOG4-HMAC-SHA256");
  storage.authClient = {
    getCredentials: async () => ({ client_email: id }),
    sign: async (text) => {
      const scope = text.split("\n")[2].split("/");
      const key = scope.reduce(mac, `GOOG4${secret}`);
      return mac(key, named(text)).toString("base64");
    },
  };
  const any = storage.bucket(terms.bucket).file("any");
  await any.getSignedUrl(config);
  const signer = Object.getPrototypeOf(any.signer);
  const theirs = signer.getCanonicalQueryParams;
  signer.getCanonicalQueryParams = function (query) {
    query["X-Goog-Algorithm"] = named(query["X-Goog-Algorithm"]);
    return theirs.call(this, query);
  };
}

async function main() {
  if (terms.hmac) await signByHmac(terms.hmac);
  const bucket = storage.bucket(terms.bucket);
  const urls = [];
  for (const key of keys) {
    const saved = terms.dispositions?.[key] && { responseDisposition: terms.dispositions[key] };
    urls.push((await bucket.file(key).getSignedUrl({ ...config, ...saved }))[0]);
  }
  process.stdout.write(urls.map((url) => JSON.stringify(url) + "\n").join(""));
}

main();

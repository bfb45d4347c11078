// Signs requests to a bucket by AWS Signature Version 4 (AWS, "Authenticating Requests: Using the Authorization Header"), for
// nginx's njs (0.7.9 or newer). What it works on stands in gateway_s3.conf: the object `filemint_bucket` and the variables.

import node_crypto from 'crypto';

const nothing_sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

// What the storage says of itself stays here.
const told_on = ['accept-ranges', 'content-disposition', 'content-encoding', 'content-language', 'content-length', 'content-range',
                 'content-type', 'etag', 'last-modified'];

function hmac(key, text) {
  return node_crypto.createHmac('sha256', key).update(text).digest();
}

// As S3 wants it: all but letters, digits and -._~ ; once, and the slashes stay.
function encoded(path) {
  return path.split('/')
      .map(part => encodeURIComponent(part).replace(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`))
      .join('/');
}

// The fields that go with a request of a bucket's path.
function signed(method, host, path, now) {
  const bucket = filemint_bucket;
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${bucket.region}/s3/aws4_request`;
  const fields = [['host', host], ['x-amz-content-sha256', nothing_sha256], ['x-amz-date', time]];
  if (bucket.session_token) {
    fields.push(['x-amz-security-token', bucket.session_token]);
  }
  const names = fields.map(field => field[0]).join(';');
  const request = `${method}\n${path}\n\n${fields.map(field => `${field[0]}:${field[1]}\n`).join('')}\n${names}\n${nothing_sha256}`;
  const hash = node_crypto.createHash('sha256').update(request).digest('hex');
  const key = scope.split('/').reduce(hmac, `AWS4${bucket.secret_access_key}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash}`).toString('hex');
  return { time, authorization: `AWS4-HMAC-SHA256 Credential=${bucket.access_key_id}/${scope},SignedHeaders=${names},Signature=${signature}` };
}

// Of a location that /verify has let the request into: the object of the path that it was asked about, decoded once as it was there.
function open(r) {
  const v = r.variables;
  const path = v.request_uri.split('?')[0];
  if (!path.startsWith(v.filemint_base)) {
    r.return(403);
    return;
  }
  const object = v.filemint_bucket_path + encoded(decodeURIComponent(path.slice(v.filemint_base.length)));
  const fields = signed(r.method, v.filemint_bucket_host, object, new Date());
  v.filemint_object = object;
  v.filemint_object_time = fields.time;
  v.filemint_object_signed = fields.authorization;
  v.filemint_session_token = filemint_bucket.session_token || '';
  r.internalRedirect(v.filemint_files);
}

function keep_known_fields(r) {
  Object.keys(r.headersOut).filter(name => !told_on.includes(name.toLowerCase())).forEach(name => {
    delete r.headersOut[name];
  });
}

// What the bucket answered other than with the file. Its own words stay here: they name keys, buckets and more.
function explain(r) {
  const said = Number(r.variables.upstream_status.split(/[ ,:]+/).pop());
  if (said === 404) {
    r.return(404, 'There is no such file.\n');
  } else if (said === 412 || said === 416) {
    r.return(said, said === 412 ? 'The file has changed.\n' : 'The file has no such range.\n');
  } else if (said === 403 && r.variables.filemint_forbidden_is === '404') {
    r.return(404, 'There is no such file.\n');
  } else if (said === 401 || said === 403) {
    r.return(502, 'The storage refused the gateway: its key, its clock or its permissions.\n');
  } else if (said === 429 || said === 503) {
    r.return(503, 'The storage is busy.\n');
  } else if (said === 504) {
    r.return(504, 'The storage does not answer.\n');
  } else {
    r.return(502, 'The storage can not be read.\n');
  }
}

export default { open, keep_known_fields, explain };

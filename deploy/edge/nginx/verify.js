// Verifies filemint's tokens by their keys alone, for nginx's njs (0.7.9 or newer): HS256 and ES256; its WebCrypto knows no
// Ed25519. Asks /filemint_keys for a JWK Set; $filemint_issuer, $filemint_source, $filemint_base and $filemint_files are
// offline.conf's. Each `await` stands alone: within a call's arguments this njs crashes on it.

const largest_token = 8192;

// The first 26 bytes of the SubjectPublicKeyInfo of a point on P-256 (RFC 5480 §2), and the 4 of one that is not compressed.
const p256_prefix = '3059301306072a8648ce3d020106082a8648ce3d03010703420004';

// What another reader could take for another file.
const ambiguous = /\/\/|\/\.\.?(?:\/|$)|%(?:00|25|2e|2f|5c)|[#\\]/i;

async function is_signed(jwk, alg, signature, message) {
  if (jwk.kty === 'oct' && alg === 'HS256') {
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', Buffer.from(jwk.k, 'base64url'), hmac, false, ['verify']);
    return signature.length === 32 && crypto.subtle.verify(hmac, key, signature, message);
  }
  if (jwk.kty === 'EC' && jwk.crv === 'P-256' && alg === 'ES256') {
    const spki = Buffer.concat([Buffer.from(p256_prefix, 'hex'), Buffer.from(jwk.x, 'base64url'), Buffer.from(jwk.y, 'base64url')]);
    const key = await crypto.subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
    return signature.length === 64 && crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, message);
  }
  return false;
}

// The target's `token`, else the bearer's; nothing when there is none, or more than one in the target.
function token_of(r, query) {
  const all = query.split('&').filter(pair => pair.startsWith('token='));
  if (all.length > 1) {
    return undefined;
  }
  if (all.length === 1) {
    return all[0].slice('token='.length);
  }
  const bearer = /^Bearer ([^ ]+)$/i.exec(r.headersIn.Authorization || '');
  return bearer ? bearer[1] : undefined;
}

function parsed(part) {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

async function keys_of(r) {
  const reply = await r.subrequest('/filemint_keys');
  if (reply.status !== 200) {
    throw new Error(`the keys are answered with ${reply.status}`);
  }
  return JSON.parse(reply.responseText).keys;
}

// 204, 401 or 403.
async function status_of(r) {
  const target = r.variables.request_uri;
  const path = target.split('?')[0];
  const base = r.variables.filemint_base;
  if (ambiguous.test(path) || target.includes('#') || !path.startsWith(base)) {
    return 403;
  }
  const token = token_of(r, target.slice(path.length + 1));
  if (!token || token.length > largest_token || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
    return 401;
  }
  const parts = token.split('.');
  let header, claims;
  try {
    header = parsed(parts[0]);
    claims = parsed(parts[1]);
  } catch (e) {
    return 401;
  }
  const keys = await keys_of(r);
  const key = keys.find(each => each.kid === header.kid);
  if (!key) {
    return 401;
  }
  const message = Buffer.from(`${parts[0]}.${parts[1]}`);
  const good = await is_signed(key, header.alg, Buffer.from(parts[2], 'base64url'), message);
  if (!good) {
    return 401;
  }
  if (claims.iss !== r.variables.filemint_issuer || claims.aud !== r.variables.filemint_source ||
      typeof claims.exp !== 'number' || claims.exp <= Date.now() / 1000) {
    return 401;
  }
  const method = r.variables.request_method;
  if ((method !== 'GET' && method !== 'HEAD') || (claims.method !== undefined && claims.method !== method)) {
    return 403;
  }
  try {
    return claims.sub === decodeURIComponent(path.slice(base.length)) ? 204 : 403;
  } catch (e) {  // not UTF-8
    return 403;
  }
}

// Of a location: the file itself is an internal redirect's.
async function serve(r) {
  try {
    const status = await status_of(r);
    if (status === 204) {
      r.internalRedirect(r.variables.filemint_files);
    } else {
      r.return(status);
    }
  } catch (e) {
    r.error(`filemint: ${e.message}`);
    r.return(500);
  }
}

export default { serve };

// Reads Kubernetes objects, a JSON array, from stdin and holds each to its kind's schema. Prints a line for each fault.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

// The schemas let unknown fields pass, as the server would drop them. A validator looks at every field that it knows, so
// those that it never looked at are unknown.
class Watched {
  #unread = new Map();

  of(value, path) {
    if (value === null || typeof value !== "object") return value;
    for (const key of Object.keys(value)) this.#unread.set(`${path}.${key}`, true);
    const children = new Map();
    return new Proxy(value, {
      get: (target, key) => {
        if (!Object.hasOwn(target, key)) return target[key];
        this.#unread.delete(`${path}.${String(key)}`);
        if (!children.has(key)) children.set(key, this.of(target[key], `${path}.${String(key)}`));
        return children.get(key);
      },
    });
  }

  unread() {
    return [...this.#unread.keys()];
  }
}

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
let faults = 0;
const fault = (object, text) => {
  console.log(`${object.kind} ${object.metadata?.name}: ${text}`);
  faults += 1;
};
for (const object of JSON.parse(Buffer.concat(chunks))) {
  const watched = new Watched();
  try {
    const { [object.kind]: Model } = require(`kubernetes-models/${object.apiVersion}/${object.kind}`);
    Model.prototype.validate.call(watched.of(object, object.kind)); // on the object itself: a Model copies all of it
  } catch (error) {
    fault(object, error.message);
    continue;
  }
  for (const path of watched.unread()) fault(object, `no such field: ${path}`);
}
process.exit(faults === 0 ? 0 : 1);

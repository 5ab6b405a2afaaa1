// The worker of a live page: unpacks Python out of the page's own text, wakes it, and serves the panels.
// It asks nothing of any network: the only `fetch` that it knows hands out parts of the page.
const HERE = "https://page.invalid/"; // a name that no network has
const decoded = (text) => Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const unpacked = (text, type) => {
  const stream = new Blob([decoded(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream, { headers: { "Content-Type": type } });
};
let sessions, python;
const done = new Set(); // the numbers of requests that were served: one that is sent again is not done twice
// No script comes from elsewhere; and the loader takes this worker for one that it knows, since modules can be imported here.
globalThis.importScripts = undefined;

async function module(text) {
  const url = URL.createObjectURL(new Blob([await unpacked(text, "text/plain").text()], { type: "text/javascript" }));
  try { return await import(url); } finally { URL.revokeObjectURL(url); }
}

function place(FS, files) {
  for (const [path, text] of Object.entries(files)) {
    const whole = `/calculator/${path}`;
    FS.mkdirTree(whole.slice(0, whole.lastIndexOf("/")));
    FS.writeFile(whole, text);
  }
}

async function wake({ parts, tables }) {
  const done = (percent) => postMessage({ kind: "percent", percent });
  const held = {
    [`${HERE}pyodide.asm.wasm`]: () => unpacked(parts.wasm, "application/wasm"),
    [`${HERE}python_stdlib.zip`]: () => unpacked(parts.library, "application/zip"),
  };
  globalThis.fetch = async (asked) => {
    const part = held[String(asked.url ?? asked)];
    if (!part) throw new Error(`this page asks nothing of a network: ${asked.url ?? asked}`);
    return part();
  };
  done(5);
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all([module(parts.loader), module(parts.glue)]);
  done(15);
  python = await loadPyodide({
    indexURL: HERE, packageBaseUrl: HERE, lockFileContents: parts.lock, createPyodideModule, fsInit: async () => done(40),
  });
  done(60);
  place(python.FS, await unpacked(parts.package, "application/json").json());
  done(65);
  sessions = python.runPython("import sys; sys.path.insert(0, '/calculator'); from ketacost.workbench.session import Sessions; Sessions()");
  done(85);
  postMessage({ kind: "awoken", sessions: JSON.parse(sessions.seat(JSON.stringify(tables))) });
}

const serving = {
  wake,
  serve({ session, asked }) {
    const { number, again } = asked;
    postMessage({ kind: "working", session, number });
    const shown = JSON.parse(sessions.serve(session, JSON.stringify(done.has(again) ? {} : asked)));
    done.add(again ?? number);
    postMessage({ kind: "served", session, number, shown });
    postMessage({ kind: "formed", session, number, shown: JSON.parse(sessions.rest(session)) });
  },
  cents: ({ ticket, tables }) => postMessage({ kind: "found", ticket, found: JSON.parse(sessions.cents(JSON.stringify(tables))) }),
  memory: ({ ticket }) => postMessage({ kind: "found", ticket, found: python._module.HEAPU8.length }),
};
onmessage = async ({ data }) => {
  try {
    await serving[data.kind](data);
  } catch (error) {
    const { kind, session, asked, ticket } = data;
    postMessage({ kind: "failed", asked: kind, session, number: asked?.number, ticket, reason: String(error?.message ?? error).trim().split("\n").at(-1) });
  }
};

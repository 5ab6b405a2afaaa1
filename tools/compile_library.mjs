// Python's library for the browser, compiled by that very Python: a page then wakes without compiling it again.
//   node compile_library.mjs FOLDER
// reads FOLDER/python_stdlib.zip and writes FOLDER/compiled_stdlib.zip; the same in gives the same out.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const folder = path.resolve(process.argv[2]);
const { loadPyodide } = await import(pathToFileURL(path.join(folder, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: folder + path.sep });
python.FS.writeFile("/source.zip", fs.readFileSync(path.join(folder, "python_stdlib.zip")));
python.runPython(`
import importlib.util, zipfile
from importlib._bootstrap_external import _code_to_hash_pyc

def bare(code):
    """Code without its line numbers: they are a third of what a page would carry, and only tracebacks read them."""
    inside = tuple(bare(part) if hasattr(part, "co_code") else part for part in code.co_consts)
    return code.replace(co_linetable=b"", co_consts=inside)

whole = zipfile.ZipFile("/source.zip")
with zipfile.ZipFile("/compiled.zip", "w", zipfile.ZIP_DEFLATED) as made:
    for name in sorted(whole.namelist()):
        if not name.endswith(".py"):
            continue
        text = whole.read(name)
        # Python's own start reads the docstrings of these; nothing in a page reads those of the others.
        level = 0 if name.startswith(("_pyodide/", "pyodide/")) else 2
        code = compile(text, f"/lib/python314.zip/{name}", "exec", dont_inherit=True, optimize=level)
        kept = _code_to_hash_pyc(bare(code) if level else code, importlib.util.source_hash(text), False)
        made.writestr(zipfile.ZipInfo(f"{name}c", (1980, 1, 1, 0, 0, 0)), kept, zipfile.ZIP_DEFLATED)
`);
const made = path.join(folder, "compiled_stdlib.zip");
fs.writeFileSync(`${made}.new`, python.FS.readFile("/compiled.zip"));
fs.renameSync(`${made}.new`, made);

// The part of Python's library that a live page carries, compiled by that very Python: a page then wakes without compiling it.
//   node compile_library.mjs FOLDER MODULE...
// imports the modules in the Python of FOLDER, and writes them with all that they load from FOLDER/python_stdlib.zip to
// FOLDER/library.zip; the same in gives the same out.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const folder = path.resolve(process.argv[2]);
const { loadPyodide } = await import(pathToFileURL(path.join(folder, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: folder + path.sep });
python.globals.set("wanted", python.toPy(process.argv.slice(3)));
python.runPython(`
import importlib, sys

for name in wanted:
    importlib.import_module(name)
files = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
unused = ("_ssl.py", "ssl.py")  # asyncio asks for them and does without
loaded = [file for file in sorted(file.partition(".zip/")[2] for file in files) if file and file not in unused]

import importlib.util, zipfile
from importlib._bootstrap_external import _code_to_hash_pyc

def bare(code):
    """Code without its line numbers: they are a third of what a page would carry, and only tracebacks read them."""
    inside = tuple(bare(part) if hasattr(part, "co_code") else part for part in code.co_consts)
    return code.replace(co_linetable=b"", co_consts=inside)

whole = zipfile.ZipFile(next(place for place in sys.path if place.endswith(".zip")))
with zipfile.ZipFile("/library.zip", "w", zipfile.ZIP_STORED) as library:
    for name in loaded:
        text = whole.read(name)
        # Python's own start reads the docstrings of these; nothing in a page reads those of the others.
        level = 0 if name.startswith(("_pyodide/", "pyodide/")) else 2
        code = compile(text, f"/lib/python314.zip/{name}", "exec", dont_inherit=True, optimize=level)
        kept = _code_to_hash_pyc(bare(code) if level else code, importlib.util.source_hash(text), False)
        library.writestr(zipfile.ZipInfo(f"{name}c", (1980, 1, 1, 0, 0, 0)), kept)
`);
const library = path.join(folder, "library.zip");
fs.writeFileSync(`${library}.new`, python.FS.readFile("/library.zip"));
fs.renameSync(`${library}.new`, library);

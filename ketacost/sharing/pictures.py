"""Pictures of figures and drawings, for where no script runs: drawn once by this machine's browser, alike every time."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ketacost.core.fields import KetacostError
from ketacost.sharing.browser import dumped
from ketacost.sharing.figures import Figure, bundle_for, bundle_text
from ketacost.sharing.sanitize import clean_svg

WIDE = 860
DONE = "ketacost-drawn:"
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
DRAW = """
let seed = 7;
Math.random = () => (seed = seed * 16807 % 2147483647) / 2147483647;
const asked = JSON.parse(document.getElementById('asked').textContent);
async function drawn(spec) {
  const size = {width: asked.wide, height: spec.height};
  const given = () => ({data: spec.data, layout: {...spec.layout, ...size}, config: {typesetMath: false}});
  const svg = await Plotly.toImage(structuredClone(given()), {format: 'svg', ...size});
  return {svg, png: asked.png ? await Plotly.toImage(structuredClone(given()), {format: 'png', scale: 2, ...size}) : ''};
}
function painted(source) {
  return new Promise((done) => {
    const image = new Image();
    image.onerror = () => done('');
    image.onload = () => {
      const canvas = document.createElement('canvas');
      canvas.width = 2 * asked.wide;
      canvas.height = Math.round(canvas.width * image.naturalHeight / image.naturalWidth);
      const pen = canvas.getContext('2d');
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      done(canvas.toDataURL('image/png'));
    };
    image.src = source;
  });
}
(async () => {
  const told = {figures: [], drawings: []};
  for (const spec of asked.figures) told.figures.push(await drawn(spec).catch(() => ({svg: '', png: ''})));
  for (const source of asked.drawings) told.drawings.push(await painted(source));
  document.body.textContent = asked.done + btoa(unescape(encodeURIComponent(JSON.stringify(told)))) + ';';
})();
"""


@dataclass(frozen=True)
class Picture:
    """A figure as a drawing (a data address of SVG) and, where asked, as a PNG. Empty where it could not be drawn."""

    svg: str = ""
    png: str = ""


def pictures(
    figures: Sequence[Figure], drawings: Sequence[str] = (), *, png: bool = False
) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
    """Draw figures, and turn drawings (data addresses) into PNG. Raises NoBrowser where this machine has no browser."""
    can = [one for one in figures if one.drawable]
    if not can and not drawings:
        return tuple(Picture() for _ in figures), ()
    asked = {
        "figures": [{**one.spec, "height": one.height} for one in can],
        "drawings": list(drawings),
        "png": png,
        "wide": WIDE,
        "done": DONE,
    }
    kinds = {kind for one in can for kind in one.kinds}
    script = bundle_text(bundle_for(kinds)).replace("</script", "<\\/script") if can else ""
    page = (
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}"><body>'
        f'<script type="application/json" id="asked">{as_data(asked)}</script>'
        f"<script>{script}</script><script>{DRAW}</script>"
    )
    found = re.search(f"{DONE}([A-Za-z0-9+/=]*);", dumped(page))
    if not found:
        raise KetacostError("the browser drew no pictures of the figures; share without pictures")
    told: dict[str, Any] = json.loads(b64decode(found[1]))
    made = iter(told["figures"])
    done = tuple(_picture(next(made)) if one.drawable else Picture() for one in figures)
    return done, tuple(told["drawings"])


def as_data(value: Any) -> str:
    """JSON that can stand in a page: nothing in it can end the script element or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _picture(made: dict[str, str]) -> Picture:
    drawing = clean_svg(unquote(made["svg"].partition(",")[2]))
    packed = b64encode(drawing.encode()).decode()
    return Picture(f"data:image/svg+xml;base64,{packed}" if drawing else "", made["png"])

// The panel's front end: native controls made from plain data, the answer as HTML from the model. It holds no rules.
const SAFE = 'data-lm-suppress-shortcuts="true"'; // JupyterLab's one-key commands must not fire while a control has the focus
const esc = (text) => String(text ?? "").replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

function box(c, id) {
  const attrs = `id="${id}" data-path="${esc(c.path)}" ${SAFE}`;
  const bounds = c.min === undefined ? "" : `min="${c.min}" max="${c.max}" step="${c.step ?? 1}"`;
  if (c.kind === "choice") return `<select ${attrs}>${choices(c)}</select>`;
  if (c.kind === "toggle") return `<input type="checkbox" ${attrs} ${c.value ? "checked" : ""}>`;
  if (c.kind === "date") return `<input type="date" ${attrs} value="${esc(c.value)}">`;
  if (c.kind === "int") return `<span class="keta-box"><input type="number" ${attrs} ${bounds} value="${esc(c.value)}">${esc(c.unit ?? "")}</span>`;
  if (c.kind === "text") return `<span class="keta-box"><input type="text" ${attrs} value="${esc(c.value)}"></span>`;
  const [before, after] = c.kind === "share" ? ["", "%"] : ["$", ""];
  return `<span class="keta-box">${before}<input type="text" inputmode="decimal" ${attrs} value="${esc(c.value)}" placeholder="${c.optional ? "none" : ""}">${after}</span>`;
}

function choices(c) {
  const one = ([value, label]) => `<option value="${esc(value)}" ${String(value) === String(c.value) ? "selected" : ""}>${esc(label)}</option>`;
  const groups = [...new Set(c.options.map((o) => o[2]))];
  const lost = c.options.some((o) => String(o[0]) === String(c.value)) ? "" : `<option value="" selected>${esc(c.value || "Choose")}</option>`;
  if (groups[0] === undefined) return lost + c.options.map(one).join("");
  return lost + groups.map((g) => `<optgroup label="${esc(g)}">${c.options.filter((o) => o[2] === g).map(one).join("")}</optgroup>`).join("");
}

function slider(c) {
  if (!["money", "share", "int"].includes(c.kind) || c.min === undefined || c.slider === false || (c.optional && c.value === "")) return "";
  return `<input type="range" data-path="${esc(c.path)}" data-slide="1" ${SAFE} aria-label="${esc(c.label)}" min="${c.min}" max="${c.max}" step="${c.step ?? 1}" value="${esc(c.value || c.min)}">`;
}

function cards(c, id) {
  const one = ([value, title, text], i) => `<label class="keta-card"><input type="radio" name="${id}" value="${esc(value)}" data-path="${esc(c.path)}" ${SAFE} ${value === c.value ? "checked" : ""}><b>${esc(title)}</b><span>${esc(text)}</span></label>`;
  return `<div class="keta-cards" role="radiogroup" aria-label="${esc(c.label)}">${c.options.map(one).join("")}</div>`;
}

function split(c) { // the fee, what the plan counts of it, and the rest, which is the patient's
  if (!c.charge || !c.value) return "";
  const part = Math.min(100, (100 * parseFloat(c.value)) / Math.max(parseFloat(c.charge), 0.01));
  return `<div class="keta-split" role="img" aria-label="The plan counts ${Math.round(part)}% of the charge of $${esc(c.charge)}"><i style="width:${part}%"></i><i></i></div>`;
}

function control(c, id) {
  if (c.kind === "note") return `<div class="keta-control"><span class="keta-hint"><span><b>${esc(c.label)}</b>: ${esc(c.value)}</span></span></div>`;
  const unknown = c.unknown === undefined ? "" : `<label><input type="checkbox" data-path="unknown:${esc(c.path)}" ${SAFE} ${c.unknown ? "checked" : ""}>I don't know</label>`;
  const why = `<details class="keta-why" ${c.why ? "" : "hidden"}><summary ${SAFE}>Assumed. Why?</summary><span data-because>${esc(c.why)}</span></details>`;
  const hint = `<span class="keta-hint"><span data-hint>${esc(c.hint)}</span>${why}${unknown}</span>`;
  const title = c.help ? ` title="${esc(c.help)}"` : "";
  const field = c.kind === "cards" ? cards(c, id) : c.kind === "toggle" ? `<label class="keta-toggle" for="${id}"${title}>${box(c, id)}<span>${esc(c.label)}</span></label>` : c.kind === "choice" ? `<label for="${id}"${title}>${esc(c.label)}</label>${box(c, id)}` : `<label for="${id}"${title}><span>${esc(c.label)}</span>${box(c, id)}</label>`;
  return `<div class="keta-control${c.more ? " keta-more" : ""}" data-for="${esc(c.path)}" data-unknown="${!!c.unknown}">${field}${slider(c)}${split(c)}${hint}${conflict(c)}<p class="keta-problem" role="alert" hidden></p></div>`;
}

function conflict(c) { // what was said and is not used, or is used over what the plan prints, with a button each way out
  if (!c.conflict && !c.ways) return "";
  const way = ([label, path, value]) => button(esc(label), `data-say="${esc(path)}" data-to="${esc(JSON.stringify(value))}"`, 'class="keta-link"');
  return `<p class="keta-conflict"${c.conflict ? ' role="status"' : ""}>${esc(c.conflict)} ${(c.ways ?? []).map(way).join(" ")}</p>`;
}

// The controls that a form shows: while these stay the same, values are changed in place and nothing loses the focus.
const shape = (form) => JSON.stringify(form.map((g) => g.controls.map((c) => [c.path, c.kind, c.label, !!c.more, c.unknown === undefined, slider(c) === "", c.options, c.conflict, c.ways, c.kind === "note" ? c.value : ""])));

const button = (label, data, more = "") => `<button type="button" ${data} ${SAFE} ${more}>${label}</button>`;
const field = (label, name, more = "") => `<label class="keta-field"><span>${label}</span><input name="${name}" ${SAFE} ${more}></label>`;

const SUCH_AS = { money: "dollars, such as 250 or 1,234.50", share: "a share, such as 40%", date: "a day, such as 2027-01-01", number: "a number, such as 6" };
const value = (c, takes) => c?.options
  ? `<label class="keta-field"><span>Answer</span><select name="value" ${SAFE}><option value="">They did not say</option>${c.options.map(([v, label]) => `<option value="${esc(v)}">${esc(label)}</option>`).join("")}</select></label>`
  : field("Answer", "value", `placeholder="${esc(SUCH_AS[takes] ?? takes)}"`);

const SOON = 3_000, LONG = 60_000; // milliseconds that a request may go without an answer, and one that is being worked on
const NO_ANSWER = "No answer yet. The amounts shown are from before your last change. If neither button helps, reload the page or run the notebook again.";
const FAILED = "This could not be shown. Undo takes the last change back.";

// What a small window asks before something is done. Each is a title, what stands in it, and its buttons.
const WINDOWS = {
  save: (told) => ["Keep this scenario", `<p>It holds the numbers of the form and no names. It can be opened here, in a shared page, and with <code>ketacost run</code>.</p>${field("File name", "name", `required value="${esc(told.name)}"`)}`,
    (told.folder ? button("Save in this folder", 'data-send="save"') : "") + button("Download", 'data-send="download"')],
  open: (told) => ["Open a scenario", `<p>What stands in the form now can be brought back with Undo.</p>${(told.files ?? []).length ? `<p>In this folder:</p><ul class="keta-files">${told.files.map((f) => `<li>${button(esc(f), `data-send="open" data-name="${esc(f)}"`)}</li>`).join("")}</ul>` : ""}<label class="keta-field"><span>A file of yours (.toml or .json)</span><input type="file" accept=".toml,.json" ${SAFE}></label>`, ""],
  new: () => ["New patient", "<p>This clears everything that was said. Undo brings it back.</p>", button("Clear everything", 'data-send="new"')],
  handout: () => ["A page to hand over", "<p>One page to print, with no names. It opens in a new window.</p>", button("English", 'data-send="handout" data-language="en"') + button("Español", 'data-send="handout" data-language="es"')],
  share: (told) => ["A page to send", `<p>One file that opens in any browser, without a network, and whose controls still move.</p>${field("File name", "name", `required value="${esc(told.name)}"`)}`, button("Make the page", 'data-send="share"')],
  log: (told, data, form) => [`What did ${esc(data.who)} say?`, `<p>${esc(data.ask)}</p>${value(form.flatMap((g) => g.controls).find((c) => c.path === data.about), data.takes)}${field("In their words", "answer")}${field("Day of the call", "day", `type="date" required value="${esc(told.today)}"`)}${field("Reference number of the call", "reference")}<p class="keta-hint">No member numbers, birth dates or names.</p>`, button("Write it down", `data-send="log" data-about="${esc(data.about)}"`)],
};

export default {
  render({ model, el }) {
    // every panel of a page has its own ids, though each loads this file anew
    const made = (globalThis.ketacostPanels = (globalThis.ketacostPanels ?? 0) + 1);
    const name = `keta${made}`;
    const root = document.createElement("div");
    root.className = "keta tex2jax_ignore mathjax_ignore";
    root.dataset.mode = model.get("mode") || "guided";
    root.innerHTML = `<div class="keta-bar"><strong>Explorer</strong><span class="keta-slim"></span><span class="keta-tools">${button("All fields", 'data-mode="1"', 'aria-pressed="false"')}${button("New patient", 'data-window="new"')}${button("Undo", 'data-do="undo"')}${button("Redo", 'data-do="redo"')}${button("Open", 'data-window="open"')}${button("Save", 'data-window="save"')}${button("Handout", 'data-window="handout"')}${button("Share", 'data-window="share"')}</span></div>
      <p class="keta-said" role="status" hidden></p>
      <div class="keta-grid"><form class="keta-form" aria-label="The patient's situation, panel ${made}"></form><div class="keta-head" aria-label="The answer, panel ${made}" role="group"></div><div class="keta-detail"></div></div>
      <div class="keta-strip"><p class="keta-low" aria-hidden="true"></p><p class="keta-working" role="status" hidden>Still working on your request. This can take a minute.</p><div class="keta-banner" role="alert" hidden><span></span>${button("Try again", 'data-banner="again"')}${button("Undo", 'data-banner="undo"')}</div></div>
      <div class="keta-foot">An estimate from the numbers shown, not advice. No names, birth dates or member numbers are needed.</div><div class="keta-live" role="status" aria-live="polite"></div>
      <dialog class="keta-dialog" aria-labelledby="${name}-title"><form method="dialog"><h3 id="${name}-title"></h3><div class="keta-inside" tabindex="0" ${SAFE}></div><p class="keta-problem" role="alert" hidden></p><div class="keta-buttons"><span></span>${button("Close", 'data-close="1"')}</div></form></dialog>`;
    const [form, head, detail, strip, working, banner, live, said, dialog] = ["form", "head", "detail", "strip", "working", "banner", "live", "said", "dialog"].map((part) => root.querySelector(`.keta-${part}`));
    let last = "", open = model.get("opens") || "treatment", announcing = 0, printed = null;
    const taken = () => Object.fromEntries(["form", "head", "detail", "told"].map((part) => [part, model.get(part)]));
    let shown = taken(); // the answer on the screen

    // Requests are numbered, and an answer carries the number of its request. The next one is sent when the last is answered, or after SOON.
    const first = 1e6 * Math.floor(1e9 * Math.random()); // two views of one panel count from different numbers
    let number = first, painted = first, waiting = [], timer = 0, lapsed = false, noted = false, lost = null, holding = "";
    const sent = new Map(), moved = new Map(); // what has no answer, by number; the number of each control's latest move
    const mine = (served) => served > first && served < first + 1e6;
    const newer = (path) => path === holding || moved.get(path) > painted; // it stands where no answer has seen it: leave it alone

    const send = (request) => {
      root.toggleAttribute("data-waits", true);
      const numbered = { ...request, number: ++number };
      if (request.path !== undefined) moved.set(request.path, number);
      if (!sent.size || lapsed) { post(numbered); return; }
      // of one control only the latest position waits; nothing else is dropped
      waiting = [...waiting.filter((one) => one.path === undefined || one.path !== request.path), numbered];
    };
    const post = (request) => {
      sent.set(request.number, request);
      noted = false;
      expect(SOON);
      try { model.send(request); } catch { /* a kernel that is gone: it will be told that no answer came */ }
    };
    const expect = (time) => {
      clearTimeout(timer);
      lapsed = false;
      timer = setTimeout(lapse, time);
    };
    const lapse = () => {
      working.hidden = !noted;
      if (noted) { noted = false; expect(LONG); return; }
      lapsed = true;
      warn(NO_ANSWER, [...sent.values()].at(-1));
      if (waiting.length) post(waiting.shift());
    };
    const note = (message) => { // long work is not a dead request: who does it says so
      if (!sent.has(message.working)) return;
      noted = true;
      if (lapsed) { calm(); lapse(); }
    };
    const warn = (text, request) => {
      lost = request;
      banner.firstElementChild.textContent = text;
      banner.hidden = false;
      if (dialog.open) dialog.querySelector(".keta-buttons").before(banner); // what is behind a window can't be clicked
    };
    const calm = () => {
      if (banner.contains(document.activeElement)) (twins(lost.path)[0] ?? root.querySelector(".keta-tools button")).focus();
      banner.hidden = working.hidden = true;
    };
    const rescue = (way) => { // what waits goes first, so that requests are served in the order of their numbers
      calm();
      for (const one of waiting.splice(0)) post(one);
      lapsed = true;
      if (way === "undo") send({ do: "undo" });
      else if (lost.path === undefined || moved.get(lost.path) === lost.number) send({ ...lost, again: lost.again ?? lost.number });
    };
    const ask = (node) => {
      const slide = node.dataset.slide, path = node.dataset.path;
      let value = node.type === "checkbox" ? node.checked : node.value;
      if (node.type === "text") value = value.trim();
      if (!slide && holding === path) holding = "";
      if (slide) for (const twin of twins(path)) if (twin !== node) twin.value = value;
      if (all().find((c) => c.path === path)?.kind === "share" && typeof value === "string" && value) value = `${value.replace(/[%\s]+$/, "")}%`;
      send({ path, value });
    };
    const all = () => shown.form.flatMap((g) => g.controls);
    let placed = new Map(); // the controls of the form by their path
    const twins = (path) => placed.get(path) ?? [];

    const renew = (box, html) => { // what has the focus stays where it is: JupyterLab keeps every key event, and with it the event's elements
      const held = box.contains(document.activeElement) ? document.activeElement.closest("[data-for]") : null;
      const fresh = document.createElement("template");
      fresh.innerHTML = html;
      const twin = held && [...fresh.content.querySelectorAll("[data-for]")].find((n) => n.dataset.for === held.dataset.for);
      const [old, now] = [held, twin].map((n) => n?.querySelector("select"));
      if (!old || !now) { box.replaceChildren(fresh.content); return; }
      old.innerHTML = now.innerHTML;
      old.id = now.id;
      held.querySelector("label").htmlFor = now.id;
      const all = [...fresh.content.children], at = all.indexOf(twin);
      for (const node of [...box.children]) if (node !== held) node.remove();
      held.before(...all.slice(0, at));
      held.after(...all.slice(at + 1));
    };
    const build = () => {
      const steps = shown.form;
      const walk = (i) => `<div class="keta-walk">${i ? button("Back", `data-go="${steps[i - 1].id}"`) : ""}${i + 1 < steps.length ? button(`Next: ${esc(steps[i + 1].title)}`, `data-go="${steps[i + 1].id}"`, 'class="keta-next"') : button("Done: a page to hand over", 'data-window="handout"', 'class="keta-next"')}</div>`;
      const more = (g) => (g.controls.some((c) => c.more) ? button("More fields", 'data-more="1"', 'class="keta-link" aria-expanded="false"') : "");
      const inside = (g, i) => g.controls.map((c) => control(c, `${name}-${c.path.replace(/\W/g, "-")}`)).join("") + more(g) + walk(i);
      if (form.children.length !== steps.length) {
        form.innerHTML = steps.map((g, i) => `<details class="keta-step" data-step="${g.id}" ${g.id === open ? "open" : ""}><summary ${SAFE}><span class="keta-n" aria-hidden="true">${i + 1}</span><span class="keta-t">${esc(g.title)}</span><span class="keta-s">${esc(g.summary)}</span></summary><div class="keta-controls">${inside(g, i)}</div></details>`).join("");
      } else steps.forEach((g, i) => renew(form.children[i].lastElementChild, inside(g, i)));
      for (const node of form.querySelectorAll("[data-more]")) node.setAttribute("aria-expanded", node.closest(".keta-step").classList.contains("keta-wide"));
      placed = new Map();
      for (const node of form.querySelectorAll("[data-path]")) placed.set(node.dataset.path, [...(placed.get(node.dataset.path) ?? []), node]);
    };
    const likest = (gone) => { // the control that stands where one with the focus stood, or the one that its button was beside
      const same = (node) => node.type === gone.type && (node.type !== "radio" || node.value === gone.value);
      const there = twins(gone.dataset.path ?? gone.closest("[data-for]")?.dataset.for);
      return there.find(same) ?? there[0];
    };
    const fill = () => {
      for (const g of shown.form) {
        const step = form.querySelector(`[data-step="${g.id}"]`);
        step.querySelector(".keta-s").textContent = g.summary;
        for (const c of g.controls) {
          if (newer(c.path)) continue;
          for (const node of twins(c.path)) {
            if (node.type === "radio") node.checked = node.value === c.value;
            else if (node.type === "checkbox") node.checked = !!c.value;
            else if (node.type === "range") { node.min = c.min; node.max = c.max; node.value = c.value || c.min; }
            else node.value = c.value;
          }
          if (!newer(`unknown:${c.path}`)) for (const node of twins(`unknown:${c.path}`)) node.checked = c.unknown;
          const holder = twins(c.path)[0]?.closest("[data-for]");
          if (!holder) continue;
          holder.dataset.unknown = !!c.unknown;
          const hint = holder.querySelector("[data-hint]");
          hint.textContent = c.hint ?? "";
          const why = holder.querySelector(".keta-why");
          why.hidden = !c.why;
          why.lastElementChild.textContent = c.why ?? "";
          const bar = holder.querySelector(".keta-split");
          if (bar) bar.outerHTML = split(c) || '<div class="keta-split" hidden></div>';
        }
      }
    };
    const complain = () => {
      const problems = shown.told.problems ?? {};
      for (const holder of form.querySelectorAll("[data-for]")) {
        if (newer(holder.dataset.for)) continue;
        const found = problems[holder.dataset.for], place = holder.querySelector(".keta-problem");
        place.hidden = !found;
        place.textContent = found ? found.problem : "";
        for (const node of twins(holder.dataset.for)) {
          node.setAttribute("aria-invalid", !!found);
          if (found && node.type !== "checkbox" && node.type !== "radio") node.value = String(found.typed).replace(/%$/, "");
        }
      }
    };
    const repaint = (place, html) => { // what is unfolded, scrolled or focused stays so
      if (place.was === html) return;
      place.was = html;
      const unfolded = [...place.querySelectorAll("details[open]")].map((d) => d.dataset.keep);
      const scrolled = [...place.querySelectorAll(".keta-scroll")].map((d) => d.scrollTop);
      const held = place.contains(document.activeElement) ? document.activeElement.outerHTML.slice(0, 80) : "";
      place.innerHTML = html;
      fit(place);
      for (const d of place.querySelectorAll("details")) d.open = unfolded.includes(d.dataset.keep);
      place.querySelectorAll(".keta-scroll").forEach((d, i) => { if (scrolled[i]) d.scrollTop = scrolled[i]; }); // setting a 0 costs a layout
      if (held) [...place.querySelectorAll("button, summary, a, [tabindex]")].find((n) => n.outerHTML.slice(0, 80) === held)?.focus({ preventScroll: true });
    };
    const fit = (place) => { // a narrow screen shows each cell under its heading; a wider one says where columns are out of sight
      for (const { tHead, rows } of place.querySelectorAll(".keta-scroll table")) {
        const heads = [...tHead.rows[0].cells].map((cell) => cell.textContent);
        if (heads.length > 2) for (const row of rows) if (row.parentNode !== tHead) [...row.cells].forEach((cell, i) => (cell.dataset.label = heads[i]));
      }
      requestAnimationFrame(() => {
        const boxes = [...place.querySelectorAll(".keta-scroll")], wide = boxes.map((box) => box.scrollWidth > box.clientWidth + 1);
        boxes.forEach((box, i) => box.toggleAttribute("data-more", wide[i]));
      });
    };
    const draw = () => {
      const now = shape(shown.form), { told } = shown;
      if (now === last || !(holding || [...moved.keys()].some(newer))) { // other controls are made once nothing is being moved
        const held = form.contains(document.activeElement) ? document.activeElement : null;
        if (now !== last) { build(); last = now; if (held && !held.isConnected) likest(held)?.focus(); }
        fill();
        complain();
      }
      repaint(head, shown.head);
      repaint(detail, shown.detail);
      for (const place of root.querySelectorAll(".keta-slim, .keta-low")) place.textContent = told.slim;
      root.querySelector("[data-do=undo]").disabled = !told.undo;
      root.querySelector("[data-do=redo]").disabled = !told.redo;
      root.querySelector("[data-window=share]").hidden = !told.shares;
      root.classList.toggle("keta-nofolder", !told.folder);
      clearTimeout(announcing);
      announcing = setTimeout(() => (live.textContent = head.querySelector(".keta-sentence")?.textContent ?? ""), 700);
    };
    const landed = () => {
      const told = model.get("told"), served = told.number;
      if (mine(served) && served < painted) return; // newer than this is on the screen
      shown = taken();
      if (!mine(served)) { draw(); return; }
      painted = served;
      const request = sent.get(served);
      for (const one of sent.keys()) if (one <= served) sent.delete(one);
      calm();
      draw();
      if (request) answer(request, told);
      clearTimeout(timer);
      lapsed = false;
      if (sent.size) expect(SOON);
      else if (waiting.length) post(waiting.shift());
      else root.removeAttribute("data-waits");
    };
    const release = () => { // nobody holds a control any more: it may show the answer
      holding = "";
      draw();
    };
    const answer = (request, told) => { // what a request brought beside the repaint
      if (told.problem || told.failed) {
        printed?.close();
        printed = null;
        if (told.failed) { warn(FAILED, request); return; }
        const place = dialog.open ? dialog.querySelector(".keta-problem") : said;
        place.hidden = false;
        place.textContent = told.problem;
        return;
      }
      said.hidden = !told.said;
      said.textContent = told.said ?? "";
      if (told.window) show(told.window.title, told.window.html, "");
      else if (request.do === "files") ask_in("open");
      else if (dialog.open && request.window) dialog.close(); // only the request of a window closes it
      if (told.file) {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([told.file.text], { type: told.file.type }));
        link.download = told.file.name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      }
      if (told.page && printed) {
        printed.location.replace(URL.createObjectURL(new Blob([told.page], { type: "text/html" })));
        printed = null;
      }
    };

    const show = (title, inside, buttons) => {
      dialog.querySelector("h3").textContent = title;
      dialog.querySelector(".keta-inside").innerHTML = inside;
      dialog.querySelector(".keta-buttons span").innerHTML = buttons;
      dialog.querySelector(".keta-problem").hidden = true;
      if (!dialog.open) dialog.showModal();
      fit(dialog);
    };
    const ask_in = (kind, data = {}) => show(...WINDOWS[kind](shown.told, data, shown.form));
    const submit = (node) => {
      const values = Object.fromEntries([...dialog.querySelectorAll("[name]")].map((n) => [n.name, n.value.trim()]));
      const wrong = [...dialog.querySelectorAll("[name]")].find((n) => !n.reportValidity());
      if (wrong) return;
      const { send: what, ...more } = node.dataset;
      if (what === "handout") printed = window.open("", "_blank");
      send({ do: what, ...values, ...more, window: what });
    };

    form.addEventListener("submit", (event) => event.preventDefault());
    const counted = (node) => node.type === "number" && node.value !== ""; // one that was emptied waits for the next key, or until it is left
    form.addEventListener("input", ({ target }) => {
      if (target.dataset.slide || counted(target)) ask(target);
      else holding = target.dataset.path ?? "";
    });
    form.addEventListener("pointerdown", ({ target }) => {
      if (!target.dataset.slide) return;
      holding = target.dataset.path;
      for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, release, { once: true });
    });
    form.addEventListener("focusout", ({ target }) => { if (holding === target.dataset.path) release(); });
    form.addEventListener("change", (event) => { if (event.target.dataset.path && !event.target.dataset.slide && !counted(event.target)) ask(event.target); });
    form.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.type === "text") ask(event.target); });
    form.addEventListener("toggle", (event) => {
      if (!event.target.open || !event.target.dataset.step) return;
      open = event.target.dataset.step;
      if (root.dataset.mode === "guided") for (const step of form.querySelectorAll(".keta-step[open]")) step.open = step === event.target;
    }, true);
    detail.addEventListener("toggle", (event) => { // the longer parts are worked out only while they stand open
      if (event.target.open) fit(event.target);
      const { part, full } = event.target.dataset;
      if (part && event.target.isConnected && event.target.open !== !!full) send({ do: "fold", part, open: event.target.open });
    }, true);
    dialog.addEventListener("close", () => strip.append(banner));
    dialog.addEventListener("change", async (event) => {
      const file = event.target.files?.[0];
      if (file) send({ do: "read", name: file.name, text: await file.text(), window: "open" });
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
      event.preventDefault();
      const first = dialog.querySelector("[data-send]");
      if (first) submit(first);
    });
    root.addEventListener("click", (event) => {
      const node = event.target.closest("button");
      if (!node || !root.contains(node)) return;
      const data = node.dataset;
      if (data.say) send({ path: data.say, value: JSON.parse(data.to) });
      else if (data.do) send({ ...data });
      else if (data.why) send({ do: "why", figure: data.why });
      else if (data.window === "open") send({ do: "files" });
      else if (data.window) ask_in(data.window, data);
      else if (data.send) submit(node);
      else if (data.close) dialog.close();
      else if (data.banner) rescue(data.banner);
      else if (data.go) { for (const step of form.querySelectorAll(".keta-step")) step.open = step.dataset.step === data.go; form.querySelector(`[data-step="${data.go}"] > summary`).focus(); }
      else if (data.more) { const wide = node.closest(".keta-step").classList.toggle("keta-wide"); node.setAttribute("aria-expanded", wide); }
      else if (data.mode) {
        const expert = root.dataset.mode === "guided";
        root.dataset.mode = expert ? "all" : "guided";
        node.setAttribute("aria-pressed", expert);
        for (const step of form.querySelectorAll(".keta-step")) step.open = expert || step.dataset.step === open;
      }
    });
    const hears = { "change:told": landed, "msg:custom": note };
    for (const [name, heard] of Object.entries(hears)) model.on(name, heard);
    draw();
    el.append(root);
    const bar = root.querySelector(".keta-bar"); // one row or two: what sticks or scrolls below it keeps clear of it
    const measured = new ResizeObserver(() => {
      root.style.setProperty("--bar", `${bar.offsetHeight}px`);
      fit(detail);
    });
    measured.observe(bar);
    return () => {
      measured.disconnect();
      clearTimeout(timer);
      for (const [name, heard] of Object.entries(hears)) model.off(name, heard);
    };
  },
};

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
  return `<input type="range" data-path="${esc(c.path)}" data-slide="1" ${SAFE} aria-label="${esc(c.label)}" min="${c.min}" max="${c.max}" step="${c.step ?? 1}" value="${esc(c.value)}">`;
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
  const hint = c.hint || unknown ? `<span class="keta-hint"><span data-hint>${esc(c.hint)}</span>${unknown}</span>` : "";
  const title = c.help ? ` title="${esc(c.help)}"` : "";
  const field = c.kind === "cards" ? cards(c, id) : c.kind === "toggle" ? `<label class="keta-toggle" for="${id}"${title}>${box(c, id)}<span>${esc(c.label)}</span></label>` : c.kind === "choice" ? `<label for="${id}"${title}>${esc(c.label)}</label>${box(c, id)}` : `<label for="${id}"${title}><span>${esc(c.label)}</span>${box(c, id)}</label>`;
  return `<div class="keta-control" data-for="${esc(c.path)}" data-unknown="${!!c.unknown}">${field}${slider(c)}${split(c)}${hint}<p class="keta-problem" role="alert" hidden></p></div>`;
}

// The controls that a form shows: while these stay the same, values are changed in place and nothing loses the focus.
const shape = (form) => JSON.stringify(form.map((g) => g.controls.map((c) => [c.path, c.kind, c.label, c.unknown === undefined, slider(c) === "", c.options, c.kind === "note" ? c.value : ""])));

export default {
  render({ model, el }) {
    // every panel of a page has its own ids, though each loads this file anew
    const made = (globalThis.ketacostPanels = (globalThis.ketacostPanels ?? 0) + 1);
    const name = `keta${made}`;
    const root = document.createElement("div");
    root.className = "keta tex2jax_ignore mathjax_ignore";
    root.innerHTML = `<div class="keta-bar"><strong>Explorer</strong><span class="keta-slim"></span><button type="button" data-do="undo" ${SAFE}>Undo</button><button type="button" data-do="redo" ${SAFE}>Redo</button></div>
      <div class="keta-grid"><form class="keta-form" aria-label="The patient's situation, panel ${made}"></form><div class="keta-head" aria-label="The answer, panel ${made}" role="group"></div><div class="keta-detail"></div></div>
      <div class="keta-foot">An estimate from the numbers shown, not advice. No names, birth dates or member numbers are needed.</div><div class="keta-live" role="status" aria-live="polite"></div>`;
    const [form, head, detail, live] = ["form", "head", "detail", "live"].map((part) => root.querySelector(`.keta-${part}`));
    let number = 0, flying = false, next = null, last = "", open = model.get("opens") || "treatment", timer = 0;

    const send = (request) => {
      if (flying) { next = request; return; }
      flying = true;
      model.set("asked", { ...request, number: ++number + Date.now() });
      model.save_changes();
    };
    const ask = (node) => {
      const slide = node.dataset.slide, path = node.dataset.path;
      let value = node.type === "checkbox" ? node.checked : node.value;
      if (node.type === "text") value = value.trim();
      if (slide) for (const twin of twins(path)) if (twin !== node) twin.value = value;
      const percent = all().find((c) => c.path === path)?.kind === "share";
      send({ path, value: percent ? `${value}%` : value });
    };
    const all = () => model.get("form").flatMap((g) => g.controls);
    const twins = (path) => [...form.querySelectorAll("[data-path]")].filter((n) => n.dataset.path === path);

    const build = () => {
      form.innerHTML = model.get("form").map((g, i) => `<details class="keta-step" name="${name}" data-step="${g.id}" ${g.id === open ? "open" : ""}><summary ${SAFE}><span class="keta-n" aria-hidden="true">${i + 1}</span><span class="keta-t">${esc(g.title)}</span><span class="keta-s">${esc(g.summary)}</span></summary><div class="keta-controls">${g.controls.map((c, j) => control(c, `${name}-${i}-${j}`)).join("")}</div></details>`).join("");
    };
    const fill = () => {
      for (const g of model.get("form")) {
        const step = form.querySelector(`[data-step="${g.id}"]`);
        step.querySelector(".keta-s").textContent = g.summary;
        for (const c of g.controls) {
          for (const node of twins(c.path)) {
            if (node.type === "radio") node.checked = node.value === c.value;
            else if (node.type === "checkbox") node.checked = !!c.value;
            else if (node.type === "range") { node.min = c.min; node.max = c.max; node.value = c.value; }
            else if (node !== root.getRootNode().activeElement || node.type !== "text" || c.kind === "text" || Number(node.value) !== Number(c.value)) node.value = c.value;
          }
          for (const node of twins(`unknown:${c.path}`)) node.checked = c.unknown;
          const holder = [...step.querySelectorAll("[data-for]")].find((n) => n.dataset.for === c.path);
          if (!holder) continue;
          holder.dataset.unknown = !!c.unknown;
          const hint = holder.querySelector("[data-hint]");
          if (hint) hint.textContent = c.hint ?? "";
          const bar = holder.querySelector(".keta-split");
          if (bar) bar.outerHTML = split(c) || '<div class="keta-split" hidden></div>';
        }
      }
    };
    const complain = () => {
      const problems = model.get("told").problems ?? {};
      for (const holder of form.querySelectorAll("[data-for]")) {
        const found = problems[holder.dataset.for], place = holder.querySelector(".keta-problem");
        place.hidden = !found;
        place.textContent = found ? found.problem : "";
        for (const node of twins(holder.dataset.for)) {
          node.setAttribute("aria-invalid", !!found);
          if (found && node.type !== "checkbox" && node.type !== "radio") node.value = String(found.typed).replace(/%$/, "");
        }
      }
    };
    const draw = () => {
      const now = shape(model.get("form"));
      const focus = root.contains(document.activeElement) ? document.activeElement.id : "";
      if (now !== last) { build(); last = now; if (focus) root.querySelector(`#${focus}`)?.focus(); } else fill();
      complain();
      const unfolded = [...detail.querySelectorAll("details[open]")].map((d) => d.dataset.keep);
      const scrolled = [...detail.querySelectorAll(".keta-scroll")].map((d) => d.scrollTop);
      head.innerHTML = model.get("head");
      detail.innerHTML = model.get("detail");
      for (const d of detail.querySelectorAll("details")) d.open = unfolded.includes(d.dataset.keep);
      detail.querySelectorAll(".keta-scroll").forEach((d, i) => (d.scrollTop = scrolled[i] ?? 0));
      const told = model.get("told");
      root.querySelector(".keta-slim").textContent = told.slim;
      root.querySelector("[data-do=undo]").disabled = !told.undo;
      root.querySelector("[data-do=redo]").disabled = !told.redo;
      clearTimeout(timer);
      timer = setTimeout(() => (live.textContent = head.querySelector(".keta-sentence")?.textContent ?? ""), 700);
    };
    const landed = () => {
      draw();
      flying = false;
      if (next) { const request = next; next = null; send(request); }
    };

    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => { if (event.target.dataset.slide || event.target.type === "number") ask(event.target); });
    form.addEventListener("change", (event) => { if (event.target.dataset.path && !event.target.dataset.slide && event.target.type !== "number") ask(event.target); });
    form.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.type === "text") ask(event.target); });
    form.addEventListener("toggle", (event) => { if (event.target.open) open = event.target.dataset.step; }, true);
    root.querySelector(".keta-bar").addEventListener("click", (event) => { if (event.target.dataset.do) send({ do: event.target.dataset.do }); });
    model.on("change:told", landed);
    draw();
    el.append(root);
    return () => model.off("change:told", landed);
  },
};

// The panel: it shows what Python gives it and asks it for what a person does. It holds no rules.
const PARTS = ["form", "head", "detail", "tabs", "told", "you_pay"];

const Bar = ({ told, slim, asks, further }) => html`<div class="keta-bar"><strong>ketacost</strong><span class="keta-slim" aria-hidden="true">${slim}</span>
  <span class="keta-tools"><button type="button" class="keta-quiet keta-later" data-ask-new="1" aria-expanded=${asks ? "true" : "false"} ...${SAFE}>New patient</button>
    <button type="button" class="keta-quiet keta-later" data-window="open" ...${SAFE}>Open</button><button type="button" class="keta-quiet keta-later" data-window="save" ...${SAFE}>Save</button>
    <button type="button" class="keta-quiet" data-do="undo" disabled=${!told.undo} ...${SAFE}>Undo</button><button type="button" class="keta-quiet keta-later" data-do="redo" disabled=${!told.redo} ...${SAFE}>Redo</button>
    <button type="button" class="keta-later" data-window="share" hidden=${!told.shares} ...${SAFE}>Share</button><button type="button" class="keta-main" data-window="handout" ...${SAFE}>Handout</button>
    <button type="button" class="keta-quiet keta-further" data-further="1" aria-expanded=${further ? "true" : "false"} ...${SAFE}>More</button></span></div>`;

const New = ({ asks }) => (asks ? html`<div class="keta-new" role="group" aria-label="Start a new patient"><b>Start a new patient?</b> <span>Undo brings this one back.</span>
  <button type="button" class="keta-main" data-do="new" ...${SAFE}>Start blank</button><button type="button" data-do="example" ...${SAFE}>Start from the example</button>
  <button type="button" data-window="open" ...${SAFE}>Start from a saved one</button><button type="button" class="keta-quiet" data-ask-new="1" ...${SAFE}>Cancel</button></div>` : null);

const Low = ({ slim, answers }) => html`<div class="keta-low"><p aria-hidden="true">${slim}</p><button type="button" data-side="1" ...${SAFE}>${answers ? "Change an entry" : "See the answer"}</button></div>`;

class View {
  constructor(model, el) {
    // every panel of a page has its own ids, though each loads this file anew
    const made = (globalThis.ketacostPanels = (globalThis.ketacostPanels ?? 0) + 1);
    Object.assign(this, { model, made, name: `keta${made}`, drafts: new Map(), holding: "", printed: null, announcing: 0 });
    this.root = document.createElement("div");
    this.root.className = "keta tex2jax_ignore mathjax_ignore";
    this.ui = { open: new Set([model.get("opens") || ""]), wide: new Set(), folds: new Set(), all: model.get("mode") === "all", answers: false, asked: null, problem: "", said: model.get("told").said ?? "", asks: false, tab: "" };
    this.requests = new Requests(model, (waits) => this.root.toggleAttribute("data-waits", waits), () => this.draw());
    this.shown = this.taken();
    if (!this.shown.form.some((step) => this.ui.open.has(step.id))) this.ui.open = new Set([this.opens()]);
    this.hears = { "change:told": () => this.landed(), "change:form": () => this.reformed(), "change:formed": () => this.reformed(), "msg:custom": (message) => this.requests.note(message) };
    for (const [name, heard] of Object.entries(this.hears)) model.on(name, heard);
    this.root.addEventListener("click", (event) => this.click(event));
    this.root.addEventListener("toggle", (event) => this.toggled(event), true);
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("change", ({ target }) => {
      if (target.dataset.pick) this.send({ do: "pick", pick: target.dataset.pick });
      if (target.dataset.source) this.source(target.dataset.source);
    });
    this.printing = { beforeprint: () => this.draw(true), afterprint: () => this.draw() };
    for (const [name, heard] of Object.entries(this.printing)) window.addEventListener(name, heard);
    this.draw();
    el.append(this.root);
    this.measured = new ResizeObserver(() => {
      const top = this.root.querySelector(".keta-top"); // one row or more: what sticks or scrolls below it keeps clear of it
      this.root.style.setProperty("--bar", `${top.offsetHeight}px`);
      fit(this.root);
    });
    for (const one of [this.root, this.root.firstElementChild]) this.measured.observe(one);
    this.sighted = new IntersectionObserver((seen) => this.root.toggleAttribute("data-scrolled", !seen.at(-1).isIntersecting));
    this.watch();
  }

  gone() {
    this.measured.disconnect();
    this.sighted.disconnect();
    clearTimeout(this.requests.timer);
    for (const [name, heard] of Object.entries(this.hears)) this.model.off(name, heard);
    for (const [name, heard] of Object.entries(this.printing)) window.removeEventListener(name, heard);
  }

  watch() { // the slim answer shows where the large one is out of sight
    const large = this.root.querySelector(".keta-net");
    if (large === this.large) return;
    this.sighted.disconnect();
    if ((this.large = large)) this.sighted.observe(large);
  }

  taken() { return { ...Object.fromEntries(PARTS.map((part) => [part, this.model.get(part)])), form: this.asks() }; }
  asks() { // the form; a list that offers what another one does is sent once
    const form = this.model.get("form"), all = controls(form);
    return form.map((step) => ({ ...step, controls: step.controls.map((c) => (c.like ? { ...c, options: all.find((one) => one.path === c.like)?.options ?? [] } : c)) }));
  }
  send(request) { this.requests.send(request); }
  control(path) { return controls(this.shown.form).find((c) => c.path === path); }

  opens() { // the step that is open at first: by its name, or by the name of a block in it
    const wanted = this.model.get("opens");
    return this.shown.form.find((step) => step.id === wanted || step.blocks?.includes(wanted))?.id ?? this.shown.form[0]?.id;
  }

  draft(c) { // what a control shows: what a person has it at while no answer has seen that, else what was refused, else its value
    if (c.path && (c.path === this.holding || this.requests.newer(c.path)) && this.drafts.has(c.path)) return { value: this.drafts.get(c.path) };
    const refused = this.shown.told.problems?.[c.path];
    return refused ? { value: c.kind === "toggle" || c.kind === "cards" ? c.value : String(refused.typed ?? "").replace(/%$/, ""), problem: refused.problem } : { value: c.value };
  }

  draw(printing = false) {
    const { ui, shown, requests, name, made } = this, { told } = shown;
    const held = this.root.contains(document.activeElement) ? document.activeElement : null;
    const about = held?.dataset.path ?? held?.closest("[data-for]")?.dataset.for;
    const tab = ui.tab || told.tab, slim = told.slim;
    this.root.dataset.mode = ui.all ? "all" : "guided";
    this.root.classList.toggle("keta-nofolder", !told.folder);
    this.root.toggleAttribute("data-answers", ui.answers);
    this.root.toggleAttribute("data-further", !!ui.further);
    const banner = html`<${Banner} requests=${requests} />`;
    render(html`<div class="keta-top"><${Bar} told=${told} slim=${slim} asks=${ui.asks} further=${ui.further} /><${New} asks=${ui.asks} />
      <p class="keta-said" role="status" hidden=${!ui.said}>${ui.said}</p></div>
      <div class="keta-sides" role="tablist" aria-label="What is shown"><button type="button" role="tab" data-side="form" aria-selected=${ui.answers ? "false" : "true"} ...${SAFE}>Questions</button>
        <button type="button" role="tab" data-side="answer" aria-selected=${ui.answers ? "true" : "false"} ...${SAFE}>Answer</button></div>
      <div class="keta-grid"><${Form} form=${shown.form} ui=${ui} name=${name} label=${`The patient's situation, panel ${made}`} draft=${(c) => this.draft(c)} on=${this.on()} />
        <${Answer} head=${shown.head} detail=${shown.detail} tabs=${shown.tabs} shown=${tab} name=${name} label=${`The answer, panel ${made}`} /></div>
      ${printing && html`<${Entered} form=${shown.form} />`}
      <div class="keta-strip"><p class="keta-working" role="status" hidden=${!requests.working}>Still working on your request. This can take a minute.</p>${!ui.asked && banner}<${Low} slim=${slim} answers=${ui.answers} /></div>
      <div class="keta-foot">An estimate from the numbers shown, not advice. No names, birth dates or member numbers are needed.</div><div class="keta-live" role="status" aria-live="polite">${ui.live}</div>
      <${Window} asked=${ui.asked} problem=${ui.problem} shown=${shown} name=${name} on=${this.onWindow()}>${ui.asked && banner}<//>`, this.root);
    if (held && !held.isConnected) (this.root.querySelector(`[data-path="${CSS.escape(about ?? "")}"]`) ?? this.root.querySelector(`[data-for="${CSS.escape(about ?? "")}"] :is(input, select, button)`))?.focus({ preventScroll: true });
    if (this.sighted) this.watch();
  }

  landed() {
    const told = this.model.get("told"), request = this.requests.landed(told);
    if (request === undefined) return; // newer than this is on the screen
    const banned = document.activeElement?.dataset?.banner && !this.requests.warning;
    this.shown = { ...this.taken(), form: this.shown.form };
    this.ui.tab = "";
    if (request) this.answered(request, told);
    this.draw();
    if (banned) (this.root.querySelector(`[data-path="${CSS.escape(request?.path ?? "")}"]`) ?? this.root.querySelector(".keta-tools button")).focus();
    if (request !== null) this.requests.go_on();
    clearTimeout(this.announcing);
    this.announcing = setTimeout(() => {
      this.ui.live = this.root.querySelector(".keta-sentence")?.textContent ?? "";
      this.draw();
    }, 700);
  }

  reformed() { // tab and form come after the head
    const [form, formed] = ["form", "formed"].map((name) => this.model.get(name));
    if ((form === this.form && formed === this.formed) || (this.requests.mine(formed) && formed < this.requests.formed)) return; // told twice, or newer is on the screen
    Object.assign(this, { form, formed });
    for (const part of ["head", "detail"]) this.shown[part] = this.model.get(part);
    this.form_of(formed);
    this.draw();
    if (!this.requests.sent.size && !this.requests.waiting.length) this.requests.go_on();
  }

  form_of(number) {
    if (this.requests.mine(number)) this.requests.formed = Math.max(this.requests.formed, number);
    this.shown.form = this.asks();
    for (const path of this.drafts.keys()) if (path !== this.holding && !this.requests.newer(path)) this.drafts.delete(path);
  }

  answered(request, told) { // what a request brought beside the repaint
    const { ui } = this;
    if (told.problem || told.failed) {
      this.printed?.close();
      this.printed = null;
      if (ui.asked) ui.problem = told.problem ?? "";
      else if (told.problem) ui.said = told.problem;
      return;
    }
    ui.said = told.said ?? "";
    if (told.window) this.ask("why", told.window);
    else if (request.do === "files") this.ask("open");
    else if (ui.asked && request.window) ui.asked = null; // only the request of a window closes it
    if (told.file) save(new Blob([told.file.text], { type: told.file.type }), told.file.name);
    if (told.page && this.printed) {
      this.printed.location.replace(URL.createObjectURL(new Blob([told.page], { type: "text/html" })));
      this.printed = null;
    }
  }

  ask(kind, data = {}) { // open a window
    Object.assign(this.ui, { asked: { kind, data, number: (this.ui.asked?.number ?? 0) + 1 }, problem: "" });
  }

  say(node, value = node.type === "checkbox" ? node.checked : node.value) { // a control was moved
    const { path } = node.dataset, text = node.type === "text" ? value.trim() : value;
    this.drafts.set(path, value);
    if (this.holding === path) this.holding = "";
    this.send({ path, value: this.control(path)?.kind === "share" && text ? `${text.replace(/[%\s]+$/, "")}%` : text });
  }

  on() { // what a person does to the controls
    const counted = (node) => node.type === "number" && node.value !== ""; // one that was emptied waits for the next key, or until it is left
    return this.listeners ??= {
      onSubmit: (event) => event.preventDefault(),
      onInput: ({ target }) => {
        if (!target.dataset.path) return;
        if (counted(target)) this.say(target);
        else {
          this.holding = target.dataset.path;
          this.drafts.set(this.holding, target.type === "checkbox" ? target.checked : target.value);
        }
      },
      onChange: ({ target }) => { if (target.dataset.path && !counted(target)) this.say(target); },
      onFocusOut: ({ target }) => {
        if (!this.holding || this.holding !== target.dataset.path) return;
        this.holding = ""; // nobody holds it any more: it may show the answer
        this.draw();
      },
      onKeyDown: (event) => {
        const { key, target } = event, c = this.control(target.dataset.path);
        if (target.type !== "text") return;
        if (key === "Enter") this.say(target);
        const by = { ArrowUp: 1, ArrowDown: -1 }[key];
        if (!by || !c || c.min === undefined || / to /.test(target.value)) return;
        event.preventDefault();
        const now = parseFloat(target.value.replace(/[$,\s]/g, "")) || 0, step = c.step ?? 1;
        target.value = String(Math.max(c.min, Math.round((now + by * step) * 100) / 100));
        this.say(target);
      },
    };
  }

  onWindow() {
    return this.windowed ??= {
      onClose: () => { Object.assign(this.ui, { asked: null, problem: "" }); this.draw(); },
      onChange: async ({ target }) => {
        const file = target.files?.[0];
        if (file) this.send({ do: "read", name: file.name, text: await file.text(), window: "open" });
      },
      onKeyDown: (event) => {
        if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
        event.preventDefault();
        const first = this.root.querySelector("dialog [data-send]");
        if (first) this.submit(first);
      },
    };
  }

  submit(node) {
    const fields = [...this.root.querySelectorAll("dialog [name]:not([type=radio])")];
    if (fields.find((field) => !field.reportValidity())) return;
    const { send: what, lmSuppressShortcuts, ...more } = node.dataset;
    if (what === "handout") this.printed = window.open("", "_blank");
    this.send({ do: what, ...Object.fromEntries(fields.map((field) => [field.name, field.value.trim()])), ...more, window: what });
  }

  toggled({ target }) {
    const { step, fold, part, full } = target.dataset, { ui } = this, kept = fold ? ui.folds : ui.open, what = step ?? fold;
    if (what && target.open !== (ui.all || kept.has(what))) {
      target.open ? kept.add(what) : kept.delete(what);
      this.draw();
    }
    if (target.open) fit(target);
    // the longer parts are worked out only while they are open
    if (part && target.isConnected && target.open !== (full !== undefined)) this.send({ do: "fold", part, open: target.open });
  }

  key(event) { // the tabs move with the arrow keys
    const tabs = event.target.getAttribute("role") === "tab" ? [...event.target.parentNode.children] : [];
    const at = tabs.indexOf(event.target), to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    tab.focus();
    tab.click();
  }

  click(event) {
    const node = event.target.closest("button"), { ui } = this;
    if (!node || !this.root.contains(node)) return;
    const { dataset } = node;
    if (dataset.take) { take(node); return; }
    if (dataset.say) this.send({ path: dataset.say, value: JSON.parse(dataset.to) });
    else if (dataset.unknown) this.send({ path: `unknown:${dataset.unknown}`, value: node.getAttribute("aria-pressed") === "false" });
    else if (dataset.visit !== undefined) this.send({ do: "visit", at: dataset.visit, day: dataset.from ? this.root.querySelector(`#${dataset.from}`).value : "" });
    else if (dataset.tab) this.tab(dataset.tab);
    else if (dataset.why) this.send({ do: "why", figure: dataset.why });
    else if (dataset.window === "open") this.send({ do: "files" });
    else if (dataset.window) this.ask(dataset.window, { ...dataset });
    else if (dataset.send) this.submit(node);
    else if (dataset.close) ui.asked = null;
    else if (dataset.banner) this.requests.rescue(dataset.banner === "undo");
    else if (dataset.go) this.go(dataset.go, node);
    else if (dataset.more) ui.wide.has(dataset.more) ? ui.wide.delete(dataset.more) : ui.wide.add(dataset.more);
    else if (dataset.mode) ui.all = !ui.all;
    else if (dataset.side) ui.answers = dataset.side === "1" ? !ui.answers : dataset.side === "answer";
    else if (dataset.askNew) ui.asks = !ui.asks;
    else if (dataset.further) ui.further = !ui.further;
    else if (dataset.do) this.send(Object.fromEntries(Object.entries(dataset).filter(([name]) => name !== "lmSuppressShortcuts")));
    else return;
    if (dataset.do || dataset.window) ui.asks = false;
    if (["new", "example"].includes(dataset.do)) ui.source = "";
    this.draw();
    if (dataset.go) this.root.querySelector(`[data-step="${dataset.go}"] > summary`).focus();
  }

  source(name) { // a plan that was chosen is taken back where the terms come from elsewhere
    this.ui.source = name;
    if (name !== "published" && this.control("plan")?.said) this.send({ path: "plan", value: "" });
    this.draw();
  }

  tab(name) {
    this.ui.tab = name;
    this.send({ do: "tab", tab: name });
  }

  go(step, node) {
    this.ui.open.delete(node.closest("[data-step]").dataset.step);
    this.ui.open.add(step);
  }
}

export default {
  render({ model, el }) {
    const view = new View(model, el);
    return () => view.gone();
  },
};

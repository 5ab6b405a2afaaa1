// The questions: steps that fold, each with what it holds in one line, and a walk from one to the next.
const count = (number, what) => html`<span class="keta-from" data-of=${what}><span class="keta-mark">${number} ${what}</span></span>`;
const controls = (form) => form.flatMap((step) => step.controls);
const assumed = (c) => c.kind !== "note" && !c.said && !c.more && (c.unknown || !!c.why || /^Assumed(?!: the same|. The usual number)/.test(c.hint ?? ""));

// Where the terms come from: typed, the usual ones of a kind of plan, or a published plan.
const SOURCES = [["typed", "Type my plan"], ["kind", "By kind of plan"], ["published", "A published plan"]];
const PICKED = { plan: "published", plan_kind: "kind" };
const sourceOf = (form, ui) => ui.source || (controls(form).find((c) => c.path === "plan")?.said ? "published" : controls(form).find((c) => c.path === "plan_kind")?.said ? "kind" : "typed");
const Source = ({ source, name }) => html`<fieldset class="keta-source"><legend>Where the terms come from</legend>${SOURCES.map(([id, label]) => html`
  <label key=${id}><input type="radio" name=${`${name}-source`} value=${id} data-source=${id} checked=${id === source} ...${SAFE} />${label}</label>`)}</fieldset>`;

// The controls in parts, each with its heading; a part that few patients need is folded, and says what it holds.
const parts = (all) => all.reduce((found, c) => {
  const last = found.at(-1);
  if (last && last.title === c.block) last.inside.push(c);
  else found.push({ title: c.block, folded: c.folded, inside: [c] });
  return found;
}, []);

const Fold = ({ title, inside, open, children }) => {
  const said = inside.filter((c) => c.said).length;
  return html`<details class="keta-fold" data-fold=${title} open=${open}><summary ...${SAFE}><span>${title}</span>${said ? count(said, "said") : null}</summary>
    <div class="keta-controls">${children}</div></details>`;
};

const Step = ({ step, number, ui, next, back, name, draft, source }) => {
  const open = ui.all || ui.open.has(step.id), many = step.controls.filter(assumed).length;
  const wide = ui.all || ui.wide.has(step.id);
  const field = (c, i) => {
    const { value, problem } = draft(c), id = `${name}-${(c.path || `${step.id}-note-${i}`).replace(/\W/g, "-")}`;
    return html`<${Control} key=${c.path || `note ${c.label}`} c=${c} id=${id} value=${value} problem=${problem} now=${problem && shownValue(c)} off=${!!PICKED[c.path] && PICKED[c.path] !== source} signature=${JSON.stringify([c, value, problem, PICKED[c.path] && source])} />`;
  };
  return html`<details class=${`keta-step${wide ? " keta-wide" : ""}`} data-step=${step.id} open=${open}>
    <summary ...${SAFE}><span class="keta-n" aria-hidden="true">${number}</span><span class="keta-t">${step.title}</span>
      <span class="keta-edit">${many ? count(many, "assumed") : null}</span><span class="keta-s">${step.summary}</span></summary>
    <div class="keta-controls">
      ${step.controls.some((c) => c.path === "plan") ? html`<${Source} key="source" source=${source} name=${name} />` : null}
      ${parts(step.controls).map(({ title, folded, inside }) => (folded
        ? html`<${Fold} key=${`block ${title}`} title=${title} inside=${inside} open=${ui.all || ui.folds.has(title)}>${inside.map(field)}<//>`
        : [title && html`<h4 key=${`block ${title}`} class="keta-block">${title}</h4>`, inside.map(field)]))}
      ${step.controls.some((c) => c.more) && !ui.all ? html`<button type="button" key="more" class="keta-link" data-more=${step.id} aria-expanded=${wide ? "true" : "false"} ...${SAFE}>${wide ? "Fewer fields" : "More fields"}</button>` : null}
      <div class="keta-walk" key="walk">${back && html`<button type="button" data-go=${back.id} ...${SAFE}>Back</button>`}
        ${next ? html`<button type="button" class="keta-next" data-go=${next.id} ...${SAFE}>${`Next: ${next.title}`}</button>`
          : html`<button type="button" class="keta-next" data-window="handout" ...${SAFE}>Done: a page to hand over</button>`}</div>
    </div></details>`;
};

const inDollars = (value) => String(value).replace(/\d[\d.]*/g, (number) => `$${number.replace(/\B(?=(\d{3})+(?!\d))/g, ",")}`);
const shownValue = ({ kind, value }) => (value === "" || value === undefined ? "" : kind === "money" ? inDollars(value) : kind === "share" ? `${value}%` : String(value));

// What was said as people read it, for print: the form itself is not printed.
const Entered = ({ form }) => html`<section class="keta-entered"><h3>What was entered</h3><dl>${controls(form).filter((c) => c.said).map((c) => {
  const option = c.options?.find((one) => String(one[0]) === String(c.value));
  const value = c.unknown ? "not known" : c.kind === "toggle" ? (c.value ? "yes" : "no") : option ? option[1] : shownValue(c) || "none";
  return html`<div key=${c.path}><dt>${c.label}</dt><dd>${value}</dd></div>`;
})}</dl></section>`;

const Form = ({ form, ui, name, label, draft, on }) => html`<form class="keta-form" aria-label=${label} ...${on}>
  <div class="keta-form-head"><h3>${form.length} questions</h3>
    ${count(controls(form).filter((c) => c.said).length, "said")}${count(controls(form).filter(assumed).length, "assumed")}
    <button type="button" class="keta-link" data-mode="1" aria-pressed=${ui.all ? "true" : "false"} ...${SAFE}>All fields</button></div>
  ${form.map((step, i) => html`<${Step} key=${step.id} step=${step} number=${i + 1} ui=${ui} source=${sourceOf(form, ui)} back=${form[i - 1]} next=${form[i + 1]} name=${name} draft=${draft} />`)}
</form>`;

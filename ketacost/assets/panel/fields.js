// One control of the form: its label, its box, where its value comes from, and what is wrong with it.
const STEPPED = ["money", "share", "int"];

const Choices = ({ c, value }) => {
  const one = ([key, label]) => html`<option key=${key} value=${key} selected=${String(key) === String(value)}>${label}</option>`;
  const groups = [...new Set(c.options.map((option) => option[2]))];
  const lost = c.options.some((option) => String(option[0]) === String(value)) ? null : html`<option key="lost" value="" selected>${value || "Choose"}</option>`;
  if (groups[0] === undefined) return [lost, c.options.map(one)];
  return [lost, groups.map((group) => html`<optgroup key=${group} label=${group}>${c.options.filter((option) => option[2] === group).map(one)}</optgroup>`)];
};

const Box = ({ c, id, value, bad, note }) => {
  const common = { id, "data-path": c.path, "aria-invalid": bad ? "true" : undefined, "aria-describedby": note, ...SAFE };
  if (c.kind === "choice") return html`<span class="keta-in"><select ...${common} value=${value}><${Choices} c=${c} value=${value} /></select></span>`;
  if (c.kind === "date") return html`<span class="keta-in"><input type="date" ...${common} value=${value} /></span>`;
  if (c.kind === "int" && !c.ranges) return html`<span class="keta-in"><input type="number" ...${common} min=${c.min} max=${c.max} step=${c.step ?? 1} value=${value} />${c.unit && html`<span class="keta-unit">${c.unit}</span>`}</span>`;
  if (c.kind === "text") return html`<span class="keta-in"><input type="text" ...${common} value=${value} /></span>`;
  const [before, after] = c.kind === "share" ? ["", "%"] : c.kind === "int" ? ["", c.unit] : ["$", c.unit];
  return html`<span class="keta-in">${before && html`<span class="keta-unit">${before}</span>`}<input type="text" inputmode="decimal" autocomplete="off" ...${common} value=${value} placeholder=${c.optional ? "none" : ""} />${after && html`<span class="keta-unit">${after}</span>`}</span>`;
};

// A long list that is searched by any part of a name.
class Search extends Component {
  state = { text: "" };
  render({ c, ...more }, { text }) {
    const words = text.toLowerCase().split(/\s+/), fits = ([key, label, group]) => String(key) === String(c.value) || !key || words.every((word) => `${label} ${group}`.toLowerCase().includes(word));
    const options = c.options.filter(fits), found = options.filter(([key]) => key).length;
    return html`<div class="keta-search"><input type="search" placeholder="Search by name or kind" aria-label=${`Search: ${c.label}`} value=${text} onInput=${({ target }) => this.setState({ text: target.value })} ...${SAFE} />
      <span class="keta-hint" role="status">${text && `${found} found`}</span><${Box} c=${{ ...c, options }} ...${more} /></div>`;
  }
}

// The visits as dates: a click on one opens what can be done with it.
class Visits extends Component {
  state = { open: null };
  render({ c, id }, { open }) {
    const done = () => setTimeout(() => this.setState({ open: null })); // once the panel has heard the click
    const chip = open === null ? undefined : c.chips.find((one) => one.at === open); // a closed day has no place to move from
    const asks = (at, label) => html`<button key=${at} type="button" class="keta-chip keta-add" aria-expanded=${open === at ? "true" : "false"} onClick=${() => this.setState({ open: open === at ? null : at })} ...${SAFE}>${label}</button>`;
    const does = (label, at, set) => html`<button type="button" class="keta-quiet" data-visit=${at} data-set=${set} onClick=${done} ...${SAFE}>${label}</button>`;
    return html`<div class="keta-visits" role="group" aria-label=${c.label}><p class="keta-hint">Click a date to move or remove it.</p><div class="keta-chips">
      ${c.chips.map((one) => [one.line && html`<p key=${`${one.day} line`} class="keta-year">${one.line}</p>`,
        one.at === null ? html`<span key=${`${one.day} closed`} class="keta-chip keta-off"><b>${one.label}</b><span>${one.words}</span></span>`
          : html`<button key=${one.at} type="button" class=${`keta-chip${one.words.startsWith("past") ? " keta-past" : ""}`} aria-expanded=${open === one.at ? "true" : "false"}
              onClick=${() => this.setState({ open: open === one.at ? null : one.at })} ...${SAFE}><b>${one.label}</b><span>${one.words}</span></button>`])}
      ${asks("add", "+ Add a visit")}</div>
      ${chip || open === "add" ? html`<div class="keta-row keta-move"><label for=${`${id}-day`}>${chip ? `Move ${chip.label} to` : "A visit on"}</label>
        <span class="keta-in"><input id=${`${id}-day`} type="date" key=${open} defaultValue=${chip ? chip.day : c.chips.at(-1)?.day} ...${SAFE} /></span>
        <button type="button" class="keta-main" data-visit=${chip ? chip.at : ""} data-from=${`${id}-day`} onClick=${done} ...${SAFE}>${chip ? "Move" : "Add"}</button>
        ${chip && does("Remove", chip.at, "")}</div>` : null}
      ${c.holidays ? html`<button type="button" class="keta-link" data-do="holidays" ...${SAFE}>The clinic is ${c.closed ? "open" : "closed"} on federal holidays</button>` : null}</div>`;
  }
}

const Cards = ({ c, id, value }) => html`<div class="keta-cards" role="radiogroup" aria-label=${c.label}>${c.options.map(([key, title, text]) => html`
  <label key=${key} class="keta-card"><input type="radio" name=${id} value=${key} data-path=${c.path} checked=${key === value} ...${SAFE} /><b>${title}</b><span>${text}</span></label>`)}</div>`;

const Split = ({ c, value }) => { // the fee, what the plan counts of it, and the rest, which is the patient's
  if (!c.charge || !value || / to /.test(value)) return null;
  const part = Math.min(100, (100 * parseFloat(String(value).replace(/,/g, ""))) / Math.max(parseFloat(c.charge), 0.01));
  return html`<div class="keta-split" role="img" aria-label=${`The plan counts ${Math.round(part)}% of the charge of $${c.charge}`}><i style=${`width:${part}%`}></i><i></i></div>`;
};

// Where a value comes from, in words; the ring is empty where nobody said it. A short reason is part of the mark.
const SHORT = /^Assumed[.,:]? ?(?=\S)/;
const state = (c) => (c.said ? (c.unknown ? "unknown" : "said") : "assumed");
const WORDS = { said: "you said", unknown: "you don't know, so we use a range", assumed: "we assumed" };

const marked = (c, of) => {
  if (c.said) return c.how || WORDS[of];
  const why = SHORT.test(c.hint ?? "") ? c.hint.replace(SHORT, "") : "";
  return why ? `we assumed${c.hint[7] === "," ? "," : ":"} ${why[0].toLowerCase()}${why.slice(1).replace(/\.$/, "")}` : WORDS.assumed;
};

const From = ({ c, id }) => {
  const of = state(c), empty = of === "assumed" && [undefined, "", "0", false].includes(c.value) && !c.unknown && !SHORT.test(c.hint ?? "");
  const known = c.unknown === undefined ? null : html`<button type="button" class="keta-link" data-unknown=${c.path} aria-pressed=${of === "unknown" ? "true" : "false"} aria-label=${`${of === "unknown" ? "Enter it" : "I don't know"}: ${c.label}`} ...${SAFE}>${of === "unknown" ? "Enter it" : "I don't know"}</button>`;
  const back = c.said && c.kind !== "toggle" ? html`<button type="button" class="keta-link" data-say=${c.path} data-to="null" aria-label=${`Clear: ${c.label}`} ...${SAFE}>Clear</button>` : null;
  if (empty && !known) return null;
  return html`<span class="keta-from" data-of=${of}>${empty ? null : html`<span class="keta-mark">${marked(c, of)}</span>`}${known}${back}</span>`;
};

const Conflict = ({ c }) => { // what was said and is not used, or is used over what the plan prints, with a button each way out
  if (!c.conflict && !c.ways) return null;
  return html`<p class="keta-conflict" role=${c.conflict ? "status" : undefined}>${c.conflict} ${(c.ways ?? []).map(([label, path, value]) => html`<button key=${label} type="button" class="keta-link" data-say=${path} data-to=${JSON.stringify(value)} ...${SAFE}>${label}</button> `)}</p>`;
};

export class Control extends Component {
  shouldComponentUpdate(next) { return next.signature !== this.props.signature; }
  render({ c, id, value, problem, now, off }) {
    if (c.kind === "note") return html`<p class="keta-hint"><b>${c.label}</b>: ${c.value}</p>`;
    const note = problem ? `${id}-problem` : c.hint && (c.said || !SHORT.test(c.hint)) ? `${id}-hint` : undefined, label = html`<span class="keta-label">${c.label}</span>`;
    const box = html`<${Box} c=${c} id=${id} value=${value} bad=${!!problem} note=${note} />`;
    const field = c.kind === "visits" ? html`<${Visits} c=${c} id=${id} />` : /(^|\.)plan$/.test(c.path) ? html`<label for=${id} title=${c.help}>${label}</label><${Search} c=${c} id=${id} value=${value} bad=${!!problem} note=${note} />` : c.kind === "cards" ? html`<${Cards} c=${c} id=${id} value=${value} />`
      : c.kind === "toggle" ? html`<label class="keta-toggle" for=${id} title=${c.help}><input type="checkbox" id=${id} data-path=${c.path} checked=${!!value} ...${SAFE} />${label}</label>`
        : html`<label for=${id} title=${c.help}>${label}</label>${box}`;
    return html`<div class=${`keta-control${c.more ? " keta-more" : ""}${problem ? " keta-bad" : ""}`} data-for=${c.path} hidden=${off} data-of=${state(c)} data-kind=${c.kind}>
      ${field}<div class="keta-below"><${Split} c=${c} value=${value} />
      ${["toggle", "visits"].includes(c.kind) && !c.said ? null : html`<${From} c=${c} id=${id} />`}
      ${c.hint && (c.said || !SHORT.test(c.hint)) && html`<span class="keta-hint" id=${`${id}-hint`} data-hint>${c.hint}</span>`}
      ${c.why && html`<details class="keta-why"><summary ...${SAFE}>Assumed. Why?</summary><span data-because>${c.why}</span></details>`}
      <${Conflict} c=${c} />
      ${problem && html`<p class="keta-problem" id=${`${id}-problem`} role="alert">${problem.replace(/[^.?!]$/, '$&.')}${now && html` <span>We still use ${now}.</span>`}</p>`}</div></div>`;
  }
}

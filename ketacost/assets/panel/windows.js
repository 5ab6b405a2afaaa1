// What a small window asks before something is done: a title, what is in it, and its buttons.
const SUCH_AS = { money: "dollars, such as 250 or 1,234.50", share: "a share, such as 40%", date: "a day, such as 2027-01-01", number: "a number, such as 6" };
const Field = ({ label, ...more }) => html`<label class="keta-field"><span>${label}</span><input ...${more} ...${SAFE} /></label>`;
const Does = ({ label, ...more }) => html`<button type="button" ...${more} ...${SAFE}>${label}</button>`;

const Said = ({ c, takes }) => (c?.options
  ? html`<label class="keta-field"><span>Answer</span><select name="value" ...${SAFE}><option value="">They did not say</option>${c.options.map(([key, label]) => html`<option value=${key}>${label}</option>`)}</select></label>`
  : html`<${Field} label="Answer" name="value" placeholder=${SUCH_AS[takes] ?? takes} />`);

const WINDOWS = {
  save: ({ told }) => ["Keep this scenario", html`<p>It holds the numbers of the form and no names. It can be opened here, in a shared page, and with <code>ketacost run</code>.</p><${Field} label="File name" name="name" required defaultValue=${told.name} />`,
    html`${told.folder && html`<${Does} label="Save in this folder" data-send="save" />`}<${Does} label="Download" data-send="download" />`],
  open: ({ told }) => ["Open a scenario", html`<p>What is in the form now can be brought back with Undo.</p>
    ${(told.files ?? []).length ? html`<p>In this folder:</p><ul class="keta-files">${told.files.map((file) => html`<li key=${file}><${Does} label=${file} data-send="open" data-name=${file} /></li>`)}</ul>` : null}
    <${Field} label="A file of yours (.toml or .json)" type="file" accept=".toml,.json" />`, null],
  handout: () => ["A page to hand over", html`<p>One page to print, with no names. It opens in a new window.</p>`,
    html`<${Does} label="English" data-send="handout" data-language="en" /><${Does} label="Español" data-send="handout" data-language="es" />`],
  share: ({ told }) => ["A page to send", html`<p>One file that opens in any browser, without a network, and whose controls still move.</p><${Field} label="File name" name="name" required defaultValue=${told.name} />`,
    html`<${Does} label="Make the page" data-send="share" />`],
  log: ({ told, form, data }) => [`What did ${data.who} say?`, html`<p>${data.ask}</p><${Said} c=${controls(form).find((c) => c.path === data.about)} takes=${data.takes} /><${Field} label="In their words" name="answer" />
    <${Field} label="Day of the call" name="day" type="date" required defaultValue=${told.today} /><${Field} label="Reference number of the call" name="reference" /><p class="keta-hint">No member numbers, birth dates or names.</p>`,
    html`<${Does} label="Write it down" data-send="log" data-about=${data.about} />`],
  why: ({ data, name }) => [data.title, html`<${Model} text=${data.html} at=${name} />`, null],
};

// The window is there at all times, so that what has the focus behind it gets it back when it closes.
class Window extends Component {
  place = createRef();
  componentDidUpdate() {
    const window = this.place.current;
    if (this.props.asked && !window.open) window.showModal();
    if (!this.props.asked && window.open) window.close();
  }
  render({ asked, problem, shown, name, on, children }) {
    const [title, inside, buttons] = asked ? WINDOWS[asked.kind]({ ...shown, data: asked.data, name }) : ["", null, null];
    return html`<dialog class="keta-dialog" ref=${this.place} aria-labelledby=${`${name}-title`} ...${on}><form method="dialog"><h3 id=${`${name}-title`}>${title}</h3>
      <div class="keta-inside" tabindex="0" ...${SAFE} key=${asked?.number}>${inside}</div>${problem && html`<p class="keta-problem" role="alert">${problem}</p>`}${asked && children}
      <div class="keta-buttons"><span>${buttons}</span><button type="button" data-close="1" ...${SAFE}>Close</button></div></form></dialog>`;
  }
}

const Banner = ({ requests, on }) => html`<div class="keta-banner" role="alert" hidden=${!requests.warning} ...${on}><span>${requests.warning?.text}</span>
  <button type="button" data-banner="again" ...${SAFE}>Try again</button><button type="button" data-banner="undo" ...${SAFE}>Undo</button></div>`;

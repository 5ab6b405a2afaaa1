// The answer, and its details in tabs; one tab is worked out at a time.
const Tabs = ({ tabs, shown, name }) => html`<div class="keta-tabs" role="tablist" aria-label="Details of the answer">${tabs.map(([id, title]) => html`
  <button key=${id} type="button" role="tab" id=${`${name}-tab-${id}`} data-tab=${id} aria-selected=${id === shown ? "true" : "false"}
    aria-controls=${`${name}-tabpanel`} tabindex=${id === shown ? "0" : "-1"} ...${SAFE}>${title}</button>`)}</div>`;

const Answer = ({ head, detail, tabs, shown, name, label }) => html`<div class="keta-answer">
  <${Model} class="keta-head" role="group" aria-label=${label} text=${head} at=${name} />
  <${Tabs} tabs=${tabs} shown=${shown} name=${name} />
  <div class="keta-detail" role="tabpanel" id=${`${name}-tabpanel`} aria-labelledby=${`${name}-tab-${shown}`} tabindex="0" ...${SAFE}>
    ${detail[shown] === undefined ? html`<p key="wait" class="keta-case">Working it out.</p>` : html`<${Model} key=${shown} text=${detail[shown]} at=${name} />`}</div>
</div>`;

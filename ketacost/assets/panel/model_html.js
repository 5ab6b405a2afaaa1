// HTML of the model as elements: parsed where no script runs, and only known elements and attributes are taken over.
const { h, render, Component, createRef } = preact;
// htm keeps an element that never changes, and through its parent the first page that it stood on and all since: none is kept.
const html = htm.bind(function (...made) { this[0] = 3; return h(...made); });

export const SAFE = { "data-lm-suppress-shortcuts": "true" }; // JupyterLab's one-key commands must not fire while a control has the focus
const ELEMENTS = new Set(
  `section div p h3 h4 b i u em strong span small br ul ol li dl dt dd table caption thead tbody tfoot tr th td details summary
  button a img fieldset legend label input svg g rect circle line path text title`.split(/\s+/));
const PLAIN = /^(class|style|title|role|id|for|type|name|value|checked|open|hidden|scope|colspan|rowspan|tabindex|alt|target|rel|(data|aria)-[\w-]+)$/;
const DRAWN = /^(viewBox|x|y|x1|x2|y1|y2|cx|cy|r|d|width|height|fill|stroke|(fill|stroke|font|text)-[\w-]+)$/;
const LINKS = /^(https?:|mailto:|#|data:image\/svg\+xml;base64,)/;
const YES = new Set(["checked", "open", "hidden"]);

const attributes = (node, at) => {
  const props = {};
  for (const { name, value } of node.attributes) {
    if (YES.has(name)) props[name] = true;
    else if (PLAIN.test(name) || DRAWN.test(name)) props[name] = value;
    else if ((name === "href" || name === "src") && LINKS.test(value)) props[name] = value;
  }
  if (props.type === "radio") props.name = `${at}-${props.name}`; // each panel of a page has its own group
  if (["button", "summary", "a", "input"].includes(node.localName) || props.tabindex) Object.assign(props, SAFE);
  return props;
};

// What tells an element from its like when the answer changes: a fold or a figure is the same one wherever it is then.
const keyOf = ({ dataset }) => dataset?.keep ?? dataset?.why ?? dataset?.pick;

const KEPT = { "keta-scroll": "Copy table", "keta-chart": "Save picture" }; // what a table and a picture can be taken away as

const taken = (node, at) => {
  if (node.nodeType === 3) return node.data;
  if (node.nodeType !== 1 || !ELEMENTS.has(node.localName)) return null;
  const kept = [...node.classList].find((name) => name in KEPT);
  const inside = node.localName === "table" ? headed(node, at) : [...node.childNodes].map((child) => taken(child, at));
  const element = h(node.localName, { ...attributes(node, at), key: keyOf(node) || undefined }, ...inside);
  return kept ? h(preact.Fragment, null, element, h("button", { type: "button", class: "keta-link keta-keep", "data-take": kept, ...SAFE }, KEPT[kept])) : element;
};

// A narrow screen shows each cell of a table of three columns or more under its heading.
const headed = (table, at) => {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((cell) => cell.textContent);
  if (heads.length > 2) for (const row of table.rows) if (row.parentNode !== table.tHead) [...row.cells].forEach((cell, i) => (cell.dataset.label = heads[i]));
  return [...table.childNodes].map((child) => taken(child, at));
};

const parser = new DOMParser();
const parsed = (text, at) => [...parser.parseFromString(`<body>${text}</body>`, "text/html").body.childNodes].map((node) => taken(node, at));

// A part of the page that the model wrote. What is unfolded, scrolled or focused in it stays so.
export class Model extends Component {
  place = createRef();
  shouldComponentUpdate({ text }) { return text !== this.props.text; }
  componentDidMount() { fit(this.place.current); }
  componentDidUpdate() { fit(this.place.current); }
  render({ text, at, ...more }) { return h("div", { ...more, ref: this.place }, parsed(text, at)); }
}

// A table as text that a spreadsheet takes, to the clipboard; a picture as a file.
export const take = async (button) => {
  const [kept] = [button.previousElementSibling];
  if (button.dataset.take === "keta-scroll") {
    const text = [...kept.querySelectorAll("tr")].map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join("\t")).join("\n");
    await navigator.clipboard.writeText(text).then(() => (button.textContent = "Copied"), () => (button.textContent = "Your browser does not let a page copy"));
    setTimeout(() => (button.textContent = KEPT["keta-scroll"]), 2_000);
    return;
  }
  const svg = [...kept.querySelectorAll("svg")].find((one) => one.getBoundingClientRect().width), size = svg.viewBox.baseVal, scale = 2;
  const text = new XMLSerializer().serializeToString(svg), image = new Image(size.width * scale, size.height * scale), canvas = document.createElement("canvas");
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  Object.assign(canvas, { width: image.width, height: image.height });
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => save(blob, `${(svg.getAttribute("aria-label") ?? "picture").slice(0, 60).replace(/[^\w .-]+/g, " ").trim()}.png`));
};

export const save = (blob, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};

// Where columns are out of sight, the table says so.
export const fit = (place) => requestAnimationFrame(() => {
  const boxes = [...(place?.querySelectorAll(".keta-scroll") ?? [])], wide = boxes.map((box) => box.scrollWidth > box.clientWidth + 1);
  boxes.forEach((box, i) => box.toggleAttribute("data-more", wide[i]));
});

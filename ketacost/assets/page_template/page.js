// The one script of a shared page: shows the code, opens what prints, draws the figures. Without it the page is whole.
(() => {
  'use strict';
  const page = document.documentElement;
  const all = (what) => Array.from(document.querySelectorAll(what));
  page.classList.add('js');

  const button = document.getElementById('code-button');
  if (all('.code').length) {
    button.hidden = false;
    button.addEventListener('click', () => {
      const open = button.getAttribute('aria-expanded') !== 'true';
      button.setAttribute('aria-expanded', String(open));
      button.textContent = open ? button.dataset.hide : button.dataset.show;
      page.classList.toggle('code-shown', open);
      all('.code').forEach((cell) => { cell.open = open; });
    });
  }

  const contents = document.getElementById('contents');
  const wide = matchMedia('(min-width: 1100px)');
  const open = () => { contents.open = wide.matches; };
  wide.addEventListener('change', open);
  open();

  let folded = [];
  addEventListener('beforeprint', () => {
    folded = all('details.prints:not([open])');
    folded.forEach((part) => { part.open = true; });
  });
  addEventListener('afterprint', () => folded.forEach((part) => { part.open = false; }));

  const NARROW = 600;
  const split = (words, most = 17) => {
    const lines = [''];
    String(words).split(' ').forEach((word) => {
      const last = lines[lines.length - 1];
      if (last && last.length + word.length >= most) lines.push(word);
      else lines[lines.length - 1] = last ? `${last} ${word}` : word;
    });
    return lines.join('<br>');
  };

  // A phone has no room for long labels beside bars: they are broken into lines, and the drawing grows taller.
  function fit(spec, width, height) {
    const layout = {...spec.layout, width, height, dragmode: false};
    const base = (layout.template && layout.template.layout) || {};
    layout.margin = {...base.margin, ...layout.margin};
    if (width >= NARROW) return {data: spec.data, layout};
    layout.font = {...base.font, ...layout.font, size: 12};
    layout.margin = {...layout.margin, l: 4, r: 12};
    if (spec.data.some((trace) => trace.cliponaxis === false && trace.text)) layout.margin.r = 58;
    const data = spec.data.map((trace) => {
      if (trace.orientation !== 'h' || !Array.isArray(trace.y)) return trace;
      layout.height = Math.max(layout.height, 60 + 48 * trace.y.length);
      return {...trace, y: trace.y.map((label) => split(label))};
    });
    if (layout.yaxis && Array.isArray(layout.yaxis.ticktext)) {
      layout.yaxis = {...layout.yaxis, ticktext: layout.yaxis.ticktext.map((label) => split(String(label).replaceAll('<br>', ' ')))};
    }
    if (layout.showlegend) {
      const titled = layout.xaxis && layout.xaxis.title;
      layout.height += 18 * data.length + (titled ? 40 : 0);
      layout.legend = {...layout.legend, orientation: 'h', y: titled ? -0.24 : -0.12, yanchor: 'top', x: 0};
    }
    return {data, layout};
  }

  function draw(place) {
    const spec = JSON.parse(document.getElementById(`${place.id}-data`).textContent);
    const {data, layout} = fit(spec, place.parentElement.clientWidth, Number(place.dataset.height));
    return window.Plotly.react(place, {data, layout, config: {displayModeBar: false, displaylogo: false, scrollZoom: false, typesetMath: false}})
      .then(() => {
        place.parentElement.classList.add('drawn');
        return window.Plotly.addFrames && spec.frames ? window.Plotly.addFrames(place, spec.frames) : null;
      });
  }

  async function wake() {
    const places = all('.live');
    const packed = document.getElementById('plotly-packed');
    if (!places.length || !packed || !window.DecompressionStream) return;
    const bytes = Uint8Array.from(atob(packed.textContent.trim()), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    const script = document.createElement('script');
    script.textContent = await new Response(stream).text();
    document.head.append(script);
    for (const place of places) await draw(place).catch(() => place.parentElement.classList.remove('drawn'));
    page.classList.add('figures-drawn');
    let width = innerWidth;
    let waiting = 0;
    addEventListener('resize', () => {
      if (innerWidth === width) return;
      width = innerWidth;
      clearTimeout(waiting);
      waiting = setTimeout(() => places.forEach((place) => draw(place).catch(() => {})), 150);
    });
  }
  wake().catch(() => {});
})();

// Draws figures as SVG and paints drawings as PNG, for where no script runs. The page then holds nothing but their addresses.
(() => {
  'use strict';
  let seed = 7; // The same figure gives the same drawing.
  Math.random = () => (seed = seed * 16807 % 2147483647) / 2147483647;
  const asked = JSON.parse(document.getElementById('asked').textContent);

  function drawn({data, layout}) {
    const size = {width: asked.wide, height: layout.height};
    return window.Plotly.toImage({data, layout: {...layout, ...size}, config: {typesetMath: false}}, {format: 'svg', ...size});
  }

  async function painted(source) {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = 2 * asked.wide;
    canvas.height = Math.round(canvas.width * image.naturalHeight / image.naturalWidth);
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/png');
  }

  (async () => {
    const pictures = [];
    for (const figure of asked.figures) pictures.push(await drawn(figure).catch(() => ''));
    for (const drawing of asked.drawings) pictures.push(await painted(drawing).catch(() => ''));
    const place = document.createElement('pre');
    place.id = 'pictures';
    place.textContent = JSON.stringify(pictures);
    document.body.replaceChildren(place);
  })();
})();

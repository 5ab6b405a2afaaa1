// What the page says while the cells run, and the moment when it is shown. Voila calls these by these names.
window.voila_heartbeat = () => {};
window.voila_process = (cell, cells) => {
  document.getElementById("loading_text").textContent = `Working out the answer: part ${cell} of ${cells}.`;
  document.getElementById("loading_bar").value = cell;
};
window.voila_finish = () => {
  window.cellLoaded = true;
  if (!window.themeLoaded) return; // Voila calls again when its theme is there
  document.getElementById("loading")?.remove();
  document.getElementById("rendered_cells").style.display = "";
  new ResizeObserver(reachable).observe(document.getElementById("page"));
};

// What is wider than the screen scrolls by itself, and can be reached and scrolled with the keys.
const reachable = () => {
  for (const part of document.querySelectorAll("#page .jp-OutputArea-output")) {
    const wide = part.scrollWidth > part.clientWidth + 1;
    if (!wide && part.dataset.scrolls) for (const name of ["tabindex", "role", "aria-label"]) part.removeAttribute(name);
    if (wide) {
      part.tabIndex = 0;
      part.setAttribute("role", "group");
      part.setAttribute("aria-label", "Wider than the screen: scroll sideways");
    }
    part.dataset.scrolls = wide ? "1" : "";
  }
};

// plotly's extension keeps a picture of a drawn figure for a notebook's file. A served page has no file, and the figure stands.
window.addEventListener("unhandledrejection", (event) => {
  if (/setData is not a function/.test(event.reason?.message)) event.preventDefault();
});

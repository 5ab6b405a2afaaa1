// Joins the panels of a live page to the Python that wakes in a worker. It holds no rules.
(() => {
  const kept = JSON.parse(document.getElementById("ketacost-live").textContent);
  const places = [...document.querySelectorAll(".ketacost-live")];
  const checks = new Map(); // what checks asked for, by ticket
  const held = []; // requests made while Python sleeps: served when it is awake, in their order
  let worker = null, awake = false, woken, tickets = 0;
  const now = new Date(), two = (count) => String(count).padStart(2, "0");
  const today = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const url = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const post = (message) => { if (awake) worker.postMessage(message); else held.push(message); };

  // What a panel asks of a widget's model, served by this page.
  const models = kept.sessions.map(({ shown }, session) => {
    const state = { ...shown, formed: 0, told: { ...shown.told, today } };
    const heard = {};
    const tell = (name, message) => [...(heard[name] ?? [])].forEach((listener) => listener(message));
    const apply = (told) => {
      const changed = Object.keys(told).filter((name) => JSON.stringify(told[name]) !== JSON.stringify(state[name]));
      Object.assign(state, told);
      changed.sort((a, b) => (a === "told") - (b === "told")).forEach((name) => tell(`change:${name}`));
    };
    const working = (number) => tell("msg:custom", { working: number });
    return {
      get: (name) => state[name],
      on: (name, listener) => (heard[name] ??= []).push(listener),
      off: (name, listener) => { heard[name] = (heard[name] ?? []).filter((other) => other !== listener); },
      send(asked) {
        post({ kind: "serve", session, asked });
        if (window.ketacost.state === "waking") working(asked.number); // the page says that it is waking up
      },
      apply,
      working,
      fail: (number) => apply({ formed: number, told: { ...state.told, number, failed: true } }),
    };
  });

  const say = (text, percent) => {
    for (const place of places) {
      const [told, bar, count] = ["p", "progress", "span"].map((part) => place.querySelector(`.ketacost-waking ${part}`));
      if (told.textContent !== text) told.textContent = text; // so that a screen reader says it once
      bar.hidden = count.hidden = percent === undefined;
      bar.value = percent ?? 100;
      count.textContent = `${percent}%`;
    }
  };
  const fail = (reason) => {
    for (const place of places) {
      place.classList.add("ketacost-failed");
      place.querySelector(".keta-form")?.setAttribute("inert", "");
    }
    say(kept.texts.failed.replace("{reason}", reason));
    window.ketacost.state = "failed";
  };

  const hear = {
    percent: ({ percent }) => { if (percent < 100) say(kept.texts.waking, percent); },
    awoken({ sessions }) {
      const same = sessions.every((shown, i) => shown.you_pay === kept.sessions[i].shown.you_pay && shown.head === kept.sessions[i].shown.head);
      awake = true;
      sessions.forEach((shown, i) => { if (!held.some((message) => message.session === i)) models[i].apply(shown); });
      held.splice(0).forEach(post);
      say(same ? kept.texts.awake : kept.texts.differs);
      for (const place of places) place.classList.add("ketacost-awake");
      window.ketacost.state = "awake";
      woken(performance.now());
    },
    working: ({ session, number }) => models[session].working(number),
    served: ({ session, number, shown }) => models[session].apply({ ...shown, told: { ...shown.told, number } }),
    formed: ({ session, number, shown }) => models[session].apply({ ...shown, formed: number }), // tab and form come after the head
    found: ({ ticket, found }) => settle(ticket, "resolve", found),
    failed({ asked, session, number, ticket, reason }) { // only a calculator that did not wake stops the page
      if (asked === "wake") { fail(reason); return; }
      console.error(reason);
      if (asked === "serve") models[session].fail(number);
      else settle(ticket, "reject", new Error(reason));
    },
  };

  const find = (asked) => new Promise((resolve, reject) => { checks.set(++tickets, { resolve, reject }); post({ ...asked, ticket: tickets }); });
  const settle = (ticket, way, found) => { checks.get(ticket)[way](found); checks.delete(ticket); };
  window.ketacost = {
    state: "waking",
    awake: new Promise((resolve) => { woken = resolve; }),
    models,
    // What this calculator makes of scenarios, in cents, to hold it to another one; and how many bytes Python takes.
    cents: (tables) => find({ kind: "cents", tables }),
    memory: () => find({ kind: "memory" }),
  };

  const wake = () => {
    const parts = { lock: kept.lock };
    for (const block of document.querySelectorAll("script[data-part]")) {
      parts[block.dataset.part] = block.textContent.trim();
      block.remove();
    }
    worker = new Worker(url(kept.engine)); // a classic one: from a file, a browser starts no worker that is a module
    worker.onmessage = ({ data }) => hear[data.kind](data);
    worker.onerror = (event) => { if (!awake) fail(event.message || "the worker could not start"); };
    worker.postMessage({ kind: "wake", parts, tables: kept.sessions.map((session) => session.table) });
  };

  say(kept.texts.waking, 0);
  const panel = url(kept.panel);
  const painted = import(panel).then(({ default: front }) => {
    URL.revokeObjectURL(panel);
    places.forEach((place, i) => {
      const el = place.querySelector(".ketacost-place");
      el.replaceChildren();
      front.render({ model: models[i], el });
    });
    window.ketacost.painted = performance.now();
  });
  const parsed = new Promise((resolve) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve, { once: true });
    else resolve();
  });
  // The panels are painted first; unpacking starts when a frame with them has been shown.
  Promise.all([painted, parsed]).then(() => requestAnimationFrame(() => setTimeout(wake))).catch((error) => fail(String(error)));
})();

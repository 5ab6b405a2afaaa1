// What the panel asks of Python. Requests are numbered, and an answer carries the number of its request: the next one is
// sent when the last is answered, or after SOON. Two views of one panel count from different numbers.
const SOON = 3_000, LONG = 60_000; // milliseconds that a request may go without an answer, and one that is being worked on
const NO_ANSWER = "No answer yet. The amounts shown are from before your last change. If neither button helps, reload the page or run the notebook again.";
const FAILED = "This could not be shown. Undo takes the last change back.";

export class Requests {
  first = 1e6 * Math.floor(1e9 * Math.random());
  number = this.first;
  painted = this.first; // the newest answer on the screen
  formed = this.first; // the newest tab and form on the screen: they may come a moment later
  waiting = [];
  sent = new Map(); // what has no answer, by number
  moved = new Map(); // the number of each control's latest move
  timer = 0;
  lapsed = false; // no answer came in time
  noted = false; // Python said that it works on it
  working = false;
  warning = null; // what the banner says, and the request that it is about

  // Jupyter's server holds an answer back until the browser has acknowledged "busy": a few bytes that we send carry that.
  nudge = { iopub: { status: ({ content }) => { if (content?.execution_state === "busy") this.model.send({ nudge: 1 }); } } };

  constructor(model, waits, changed) { Object.assign(this, { model, waits, changed }); }

  mine(number) { return number > this.first && number < this.first + 1e6; }
  newer(path) { return this.moved.get(path) > this.formed; } // it stands where no answer has seen it

  send(request) {
    this.waits(true);
    const numbered = { ...request, number: ++this.number };
    if (request.path !== undefined) this.moved.set(request.path, numbered.number);
    if (!this.sent.size || this.lapsed) this.post(numbered);
    // of one control only the latest position waits; nothing else is dropped
    else this.waiting = [...this.waiting.filter((one) => one.path === undefined || one.path !== request.path), numbered];
  }

  post(request) {
    this.sent.set(request.number, request);
    this.noted = false;
    this.expect(SOON);
    try { this.model.send(request, this.nudge); } catch { /* a kernel that is gone: it will be told that no answer came */ }
  }

  expect(time) {
    clearTimeout(this.timer);
    this.lapsed = false;
    this.timer = setTimeout(() => this.lapse(), time);
  }

  lapse() {
    this.working = this.noted;
    if (this.noted) {
      this.noted = false;
      this.expect(LONG);
    } else {
      this.lapsed = true;
      this.warn(NO_ANSWER, [...this.sent.values()].at(-1));
      if (this.waiting.length) this.post(this.waiting.shift());
    }
    this.changed();
  }

  note({ working }) { // long work is not a dead request: who does it says so
    if (!this.sent.has(working)) return;
    this.noted = true;
    if (this.lapsed) { this.calm(); this.lapse(); }
  }

  warn(text, request) { this.warning = { text, request }; }

  calm() {
    this.warning = null;
    this.working = false;
  }

  rescue(undo) { // what waits goes first, so that requests are served in the order of their numbers
    const { request } = this.warning;
    this.calm();
    for (const one of this.waiting.splice(0)) this.post(one);
    this.lapsed = true;
    if (undo) this.send({ do: "undo" });
    else if (request.path === undefined || this.moved.get(request.path) === request.number) this.send({ ...request, again: request.again ?? request.number });
    this.changed();
  }

  // Hear an answer; gives the request that it answers, or null where it is none of ours, or undefined where it is too old to show.
  landed({ number, failed }) {
    if (!this.mine(number)) return null;
    if (number < this.painted) return undefined;
    this.painted = number;
    const request = this.sent.get(number) ?? null;
    for (const one of this.sent.keys()) if (one <= number) this.sent.delete(one);
    this.calm();
    if (failed && request) this.warn(FAILED, request);
    return request;
  }

  go_on() { // the answer is on the screen: send what waits
    clearTimeout(this.timer);
    this.lapsed = false;
    if (this.sent.size) this.expect(SOON);
    else if (this.waiting.length) this.post(this.waiting.shift());
    else if (this.formed >= this.painted) this.waits(false);
  }
}

// What all pages share: talking to the server, and the words around.

const NOTICE_MS = 4000;

export const element = (id) => document.getElementById(id);
export const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

// Asks the server, one thing at a time; `told` is its last word that is shown.
export class Server {
  told = null;
  ended = false;
  busy = false; // it is asked, or what it said is not shown yet
  #running = Promise.resolve(); // what is asked now
  #show;

  // show(told, fresh): the server said something, in a new turn or not
  constructor(show) {
    this.#show = show;
    element("trouble").addEventListener("close", () => this.ask("state"));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.told) this.ask("state"); // another tab may have gone on
    });
    history.replaceState(null, "", "/"); // the address holds the secret of this run
  }

  // Returns whether anything new is shown.
  ask(path, body) {
    if (this.busy || this.ended) return Promise.resolve(false);
    this.busy = true;
    this.#running = this.#ask(path, body);
    return this.#running;
  }

  async #ask(path, body) {
    const before = this.told?.turn;
    try {
      const told = await this.#request(path, body && { turn: before, ...body });
      const fresh = told.turn !== before;
      await this.#show(told, fresh);
      this.told = told;
      return fresh;
    } catch (error) {
      element("trouble-text").textContent = `${error.message} What was counted is stored; what you did last may not be.`;
      if (!element("trouble").open) element("trouble").showModal();
      return true; // all that can be said is said
    } finally {
      this.busy = false;
    }
  }

  async end() {
    await this.#running; // what was done last is stored first
    if (!this.told || this.busy || this.ended) return;
    await this.ask("end", {});
    if (element("trouble").open) return;
    this.ended = true;
    this.#show(this.told, false);
  }

  async #request(path, body) {
    const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    let response;
    try {
      response = await fetch(path, body && post);
    } catch {
      throw new Error("It was closed, or cannot be reached. If it was closed, start it again and open the address that it prints.");
    }
    if (response.status === 409) say("Another window was quicker; this is how things are now.");
    else if (!response.ok) throw new Error(await response.text());
    return response.json();
  }
}

let noticeTimer = 0;
export function say(text) {
  element("notice").textContent = text;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { element("notice").textContent = ""; }, NOTICE_MS);
}

// Lays a summary over the page, or takes it away; `title` is empty where there is nothing to sum up.
export function sumUp(title, text, undoable) {
  const over = title !== "";
  element("over-title").textContent = title;
  element("over-text").textContent = text;
  element("over-tools").hidden = !undoable;
  for (const covered of document.querySelectorAll("main, #tools, #progress")) covered.inert = over;
  const appears = over && element("over").hidden;
  element("over").hidden = !over;
  if (appears) element("over-title").focus();
}

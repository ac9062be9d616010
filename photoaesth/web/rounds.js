// What the pages of retouching and reranking share: talking to the server, ratings, the words around.

const NOTICE_MS = 4000;
const TEN_MS = 1000; // in which a 0 after a 1 means 10

export const element = (id) => document.getElementById(id);
export const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

// Asks the server, one thing at a time; its last word is `told`.
export class Server {
  told = null;
  ended = false;
  #busy = false;
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
    if (this.#busy || this.ended) return Promise.resolve(false);
    this.#busy = true;
    this.#running = this.#ask(path, body);
    return this.#running;
  }

  async #ask(path, body) {
    const before = this.told?.turn;
    try {
      const told = await this.#request(path, body && { turn: before, ...body });
      const fresh = told.turn !== before;
      this.told = told;
      await this.#show(told, fresh);
      return fresh;
    } catch (error) {
      element("trouble-text").textContent = `${error.message} What was counted is stored; what you did last may not be.`;
      if (!element("trouble").open) element("trouble").showModal();
      return true; // all that can be said is said
    } finally {
      this.#busy = false;
    }
  }

  async end() {
    await this.#running; // what was done last is stored first
    if (!this.told || this.#busy || this.ended) return;
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

// Eleven buttons, of which one at the most is pressed.
export class Rating {
  value = null;
  #inputs = [];
  #typed = { at: 0, digit: "" };

  constructor(fieldset, changed = () => {}) {
    const name = `rating-${Rating.#count += 1}`;
    for (let value = 0; value <= 10; value += 1) {
      const label = document.importNode(element("mark").content.firstElementChild, true);
      const input = label.querySelector("input");
      input.name = name;
      label.querySelector("span").textContent = value;
      input.addEventListener("change", () => { this.value = value; changed(); });
      this.#inputs.push(input);
      fieldset.append(label);
    }
  }

  static #count = 0;

  set(value) {
    this.value = value;
    this.#inputs.forEach((input, place) => { input.checked = place === value; });
  }

  // A digit of the keyboard; 1 and 0 in a row are 10.
  type(digit, time) {
    const ten = digit === "0" && this.#typed.digit === "1" && time - this.#typed.at < TEN_MS;
    this.#typed = { at: time, digit };
    this.set(ten ? 10 : Number(digit));
  }

  // Whether a 0 now would make a 10.
  awaitsZero(time) {
    return this.#typed.digit === "1" && time - this.#typed.at < TEN_MS;
  }
}

let noticeTimer = 0;
export function say(text) {
  element("notice").textContent = text;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { element("notice").textContent = ""; }, NOTICE_MS);
}

// Lays a summary over the page, or takes it away; `text` is empty where there is nothing to sum up.
export function sumUp(title, text, undoable) {
  const over = title !== "";
  element("over-title").textContent = title;
  element("over-text").textContent = text;
  element("over-tools").hidden = !undoable;
  for (const id of ["table", "tools", "progress"]) element(id).inert = over;
  const appears = over && element("over").hidden;
  element("over").hidden = !over;
  if (appears) element("over-title").focus();
}

// The digit of a key, also with Shift held; "" for another key.
export function digitOf(event) {
  return /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] ?? (/^\d$/.test(event.key) ? event.key : "");
}

// Buttons and keys do the same.
export function listen(actions, keys, others) {
  for (const button of document.querySelectorAll("[data-action]")) {
    button.addEventListener("click", () => actions[button.dataset.action]());
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const pressesButton = key === "Enter" && event.target.closest?.("button");
    if (pressesButton) return;
    if (others(event, key)) event.preventDefault();
    else if (Object.hasOwn(keys, key)) {
      event.preventDefault();
      if (!event.repeat) actions[keys[key]](); // a key held down is pressed once
    }
  });
}

// The longer side in device pixels in which a photo fills its room, in steps and within bounds.
export function pixelsFor({ width, height }, photo) {
  const scale = Math.min(width / photo.width, height / photo.height) * devicePixelRatio;
  const wanted = Math.ceil((Math.max(photo.width, photo.height) * scale) / 100) * 100;
  return Math.min(Math.max(wanted, 100), 1200);
}

export async function decoded(source, alt) {
  const picture = new Image();
  picture.alt = alt;
  picture.draggable = false;
  picture.decoding = "sync";
  picture.src = source;
  await picture.decode();
  return picture;
}

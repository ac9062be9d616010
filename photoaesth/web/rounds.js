// What the pages of retouching and reranking share: ratings, keys, pictures.

import { element } from "./server.js";

const TEN_MS = 1000; // in which a 0 after a 1 means 10

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

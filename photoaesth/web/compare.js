// The page of a sitting. An answer counts when the server said so.

import { Server, element, plural, say, sumUp } from "./server.js";
import { arrange, draw, enlarge, load, loadAhead, pixelsFor } from "./sides.js";
import { Viewport } from "./viewport.js";

const KEYS = { "=": "tie", s: "skip", x: "neither", u: "undo", z: "zoom", i: "details", "?": "help", q: "end" };
const PLACES = { ArrowLeft: 0, h: 0, ArrowRight: 1, l: 1 };
const STEPS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEP = 80; // CSS pixels that an arrow key moves zoomed photos
const DOUBLE_CLICK_MS = 400;
const [AHEAD_LOOKS, AHEAD_MS] = [15, 200]; // how often, and how long apart, to ask what comes next

const stage = element("stage");

let asked = null; // the turn and question that are shown
let sides = []; // what is drawn of the question
let pixels = 0; // the longer side that its pictures were asked for
let shownAt = 0; // when the question was, in ms

const server = new Server(show);
const viewport = new Viewport(stage, { zoom: showZoom, lean: showLean, swipe: (way) => isPair() && choose(way < 0 ? 0 : 1) });

const actions = {
  tie: () => choose("tie"),
  skip: () => choose("skip"),
  neither: () => choose("neither"),
  undo,
  zoom: () => sides.length && viewport.toggle(),
  details: () => press("details", document.body.classList.toggle("detailed")),
  help: () => element("help").showModal(),
  end: () => server.end(),
};

async function choose(reply) {
  if (server.busy || server.ended || !asked?.question) return;
  sides.forEach(({ figure }, place) => {
    figure.classList.toggle("chosen", place === reply);
    figure.classList.toggle("passed", place !== reply && reply !== "tie");
  });
  await server.ask("answer", { reply });
  for (const { figure } of sides) figure.classList.remove("chosen", "passed"); // if it was not stored
}

async function undo() {
  if (!asked || server.busy || server.ended) return;
  if (!await server.ask("undo", {})) say("There is nothing to undo in this sitting.");
}

// --- What is shown ---

async function show(told, fresh) {
  const { question, turn } = told;
  if (fresh && question) {
    pixels = pixelsFor(stage, question);
    const drawn = question.sides.map((side, place) => draw(side, place, question));
    drawn.forEach(({ frame }, place) => frame.addEventListener("click", (event) => click(place, event)));
    await Promise.all(drawn.map((side) => load(side, pixels)));
    replace(drawn, question);
  }
  asked = { turn, question };
  showProgress(told);
  showOver(told);
  if (fresh && question) prepare(turn, AHEAD_LOOKS);
}

// Loads the pictures of what comes next, once that is known, so that a key shows them at once.
async function prepare(turn, looks) {
  if (turn !== asked.turn || server.ended || looks === 0) return;
  try {
    const { photos } = await request("ahead");
    if (turn !== asked.turn || server.ended) return;
    if (photos.length > 0) loadAhead(photos, pixels);
    else setTimeout(prepare, AHEAD_MS, turn, looks - 1);
  } catch {
    // It only costs time; if the program is gone, the next answer says so.
  }
}

function replace(drawn, question) {
  const focused = sides.findIndex(({ frame }) => frame === document.activeElement);
  sides = drawn;
  shownAt = performance.now();
  stage.replaceChildren(...sides.map(({ figure }) => figure));
  element("remark").textContent = question.remark;
  element("remark").hidden = !question.remark;
  arrange(stage, question);
  viewport.show(sides);
  if (focused >= 0) sides[Math.min(focused, sides.length - 1)].frame.focus();
  element("spoken").textContent = sides.map(({ title }) => title).join("; ");
}

function showProgress({ question, progress: { answered, of, choices, sentence } }) {
  const number = `${question?.number ?? answered}${of ? ` of ${of}` : ""}`;
  element("progress").textContent = [number, plural(choices, "choice"), sentence].filter(Boolean).join(" · ");
  document.title = `${number} · Compare`;
}

function showOver({ question, progress: { answered, of, choices, sentence } }) {
  const stored = `${plural(answered, "answer")} now, ${plural(choices, "choice")} altogether`;
  const last = of && answered >= of ? "That was the last question" : "Nothing is left to ask";
  if (server.ended) sumUp(stored, inSentences(sentence, "You can close this tab."), false);
  else if (!question) sumUp(last, inSentences(stored, sentence), true);
  else sumUp("", "", false);
}

function showZoom(percent) {
  stage.classList.toggle("zoomed", percent > 0);
  element("percent").textContent = percent ? `${percent} %` : "Zoom";
  press("zoom", percent > 0);
  if (percent) sides.forEach((side) => enlarge(side, () => say(`${side.name} cannot be read; this is its preview, enlarged.`)));
}

function showLean(way) {
  sides.forEach(({ figure }, place) => figure.classList.toggle("leaning", isPair() && way !== 0 && place === (way < 0 ? 0 : 1)));
}

function press(action, isOn) {
  document.querySelector(`#tools [data-action=${action}]`).setAttribute("aria-pressed", String(isOn));
}

// --- What the user does ---

function click(place, event) {
  const byPointer = event.detail > 0;
  if (byPointer && viewport.moved) return;
  if (event.detail > 1 && event.timeStamp - shownAt < DOUBLE_CLICK_MS) return; // meant the pair before
  if (byPointer && viewport.zoomed) viewport.fit();
  else choose(place);
}

function isPair() {
  return sides.length === 2;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || server.ended || document.querySelector("dialog[open]")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const place = /^[1-9]$/.test(key) ? key - 1 : PLACES[key];
  if (event.shiftKey && key in STEPS && viewport.zoomed) viewport.pan(...STEPS[key].map((steps) => steps * STEP));
  else if (key === "Escape") viewport.fit();
  else if (key in PLACES && sides.length > 2) moveFocus(place || -1);
  else if (event.repeat && !["Tab", "Shift"].includes(key)) event.preventDefault(); // a key held down is one answer
  else if (place < sides.length) choose(place);
  else if (Object.hasOwn(KEYS, key)) actions[KEYS[key]]();
  else if (key.length === 1 && key !== " ") say("? shows the keys.");
  else return;
  event.preventDefault();
});

function moveFocus(step) {
  const focused = sides.findIndex(({ frame }) => frame === document.activeElement);
  sides[(Math.max(focused, step > 0 ? -1 : 0) + step + sides.length) % sides.length].frame.focus();
}

for (const button of document.querySelectorAll("[data-action]")) {
  button.addEventListener("click", () => actions[button.dataset.action]());
}
new ResizeObserver(async () => {
  if (!asked?.question) return;
  arrange(stage, asked.question);
  const wanted = pixelsFor(stage, asked.question);
  if (wanted <= pixels || server.busy) return;
  pixels = wanted;
  await Promise.all(sides.map((side) => load(side, pixels)));
}).observe(stage);

const inSentences = (...texts) => texts.filter(Boolean).map(sentenceCase).join(" ");
const sentenceCase = (text) => text.charAt(0).toUpperCase() + text.slice(1).replace(/[^.!?]$/, "$&.");

server.ask("state");

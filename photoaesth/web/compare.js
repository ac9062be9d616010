// The page of a sitting. The server's last word is `asked`; an answer counts when the server said so.

import { arrange, draw, enlarge, load, loadAhead, pixelsFor } from "./sides.js";
import { Viewport } from "./viewport.js";

const KEYS = { "=": "tie", s: "skip", x: "neither", u: "undo", z: "zoom", i: "details", "?": "help", q: "end" };
const PLACES = { ArrowLeft: 0, h: 0, ArrowRight: 1, l: 1 };
const STEPS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEP = 80; // CSS pixels that an arrow key moves zoomed photos
const NOTICE_MS = 4000;
const DOUBLE_CLICK_MS = 400;
const [AHEAD_LOOKS, AHEAD_MS] = [15, 200]; // how often, and how long apart, to ask what comes next

const element = (id) => document.getElementById(id);
const stage = element("stage");

let asked = null; // as the server told: { turn, question, progress }
let sides = []; // what is drawn of the question
let pixels = 0; // the longer side that its pictures were asked for
let shownAt = 0; // when the question was, in ms
let busy = false; // the server is asked, or pictures load: nothing can be answered
let ended = false;

const viewport = new Viewport(stage, { zoom: showZoom, lean: showLean, swipe: (way) => isPair() && choose(way < 0 ? 0 : 1) });

const actions = {
  tie: () => choose("tie"),
  skip: () => choose("skip"),
  neither: () => choose("neither"),
  undo,
  zoom: () => sides.length && viewport.toggle(),
  details: () => press("details", document.body.classList.toggle("detailed")),
  help: () => element("help").showModal(),
  end,
};

// --- The server ---

async function request(path, body) {
  const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(path, body && post);
  } catch {
    throw new Error("It was closed, or cannot be reached. If it was closed, start it again and open the address that it prints.");
  }
  if (response.status === 409) say("Another window was quicker; this is what is asked now.");
  else if (!response.ok) throw new Error(await response.text());
  return response.json();
}

// Ask the server, one thing at a time, and show what it says; return whether something new is asked.
async function act(path, body) {
  if (busy || ended) return false;
  busy = true;
  try {
    const before = asked?.turn;
    await show(await request(path, body && { turn: before, ...body }));
    return asked.turn !== before;
  } catch (error) {
    for (const { figure } of sides) figure.classList.remove("chosen", "passed");
    element("trouble-text").textContent = `${error.message} What was counted is stored; an answer just given may not be.`;
    if (!element("trouble").open) element("trouble").showModal();
    return true; // all that can be said is said
  } finally {
    busy = false;
  }
}

async function choose(reply) {
  if (busy || !asked?.question) return;
  sides.forEach(({ figure }, place) => {
    figure.classList.toggle("chosen", place === reply);
    figure.classList.toggle("passed", place !== reply && reply !== "tie");
  });
  await act("answer", { reply });
}

async function undo() {
  if (!asked || busy) return;
  if (!await act("undo", {})) say("There is nothing to undo in this sitting.");
}

async function end() {
  if (!asked || busy || ended) return;
  await act("end", {});
  if (element("trouble").open) return;
  ended = true;
  showOver();
}

// --- What is shown ---

async function show(next) {
  const { question, turn } = next;
  const fresh = turn !== asked?.turn && question;
  if (fresh) {
    pixels = pixelsFor(stage, question);
    const drawn = question.sides.map((side, place) => draw(side, place, question));
    drawn.forEach(({ frame }, place) => frame.addEventListener("click", (event) => click(place, event)));
    await Promise.all(drawn.map((side) => load(side, pixels)));
    replace(drawn, question);
  }
  asked = next;
  showProgress();
  showOver();
  if (fresh) prepare(turn, AHEAD_LOOKS);
}

// Loads the pictures of what comes next, once that is known, so that a key shows them at once.
async function prepare(turn, looks) {
  if (turn !== asked.turn || ended || looks === 0) return;
  try {
    const { photos } = await request("ahead");
    if (turn !== asked.turn || ended) return;
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

function showProgress() {
  const { answered, of, choices, sentence } = asked.progress;
  const number = `${asked.question?.number ?? answered}${of ? ` of ${of}` : ""}`;
  element("progress").textContent = [number, plural(choices, "choice"), sentence].filter(Boolean).join(" · ");
  document.title = `${number} · Compare`;
}

function showOver() {
  const over = ended || !asked.question;
  const { answered, of, choices, sentence } = asked.progress;
  if (over) {
    const whole = of && answered >= of;
    const stored = `${plural(answered, "answer")} now, ${plural(choices, "choice")} altogether`;
    element("over-title").textContent = ended ? stored : whole ? "That was the last question" : "Nothing is left to ask";
    const texts = ended ? [sentence, "You can close this tab."] : [stored, sentence];
    element("over-text").textContent = texts.filter(Boolean).map(sentenceCase).join(" ");
    element("over-tools").hidden = ended;
  }
  for (const id of ["stage", "tools", "progress"]) element(id).inert = over;
  if (over && element("over").hidden) {
    element("over").hidden = false;
    element("over-title").focus();
  }
  element("over").hidden = !over;
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

let noticeTimer = 0;
function say(text) {
  element("notice").textContent = text;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { element("notice").textContent = ""; }, NOTICE_MS);
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
  if (event.ctrlKey || event.altKey || event.metaKey || ended || document.querySelector("dialog[open]")) return;
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
element("trouble").addEventListener("close", () => act("state"));
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && asked) act("state"); // another tab may have answered
});
new ResizeObserver(async () => {
  if (!asked?.question) return;
  arrange(stage, asked.question);
  const wanted = pixelsFor(stage, asked.question);
  if (wanted <= pixels || busy) return;
  pixels = wanted;
  await Promise.all(sides.map((side) => load(side, pixels)));
}).observe(stage);

const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
const sentenceCase = (text) => text.charAt(0).toUpperCase() + text.slice(1).replace(/[^.!?]$/, "$&.");

history.replaceState(null, "", "/"); // the address holds the secret of this run
act("state");

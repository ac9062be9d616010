// The page of a round of retouching. An edit counts when the server said so.

import { Rating, decoded, digitOf, listen, pixelsFor } from "./rounds.js";
import { Server, element, say, sumUp } from "./server.js";

const KEYS = { b: "compare", r: "reset", s: "skip", u: "undo", "?": "help", q: "end", Enter: "next", n: "next" };
const SLOW_MS = 100; // that a hand takes for at once
const REST_MS = 120; // after the last change, until the full size is worth it

let task = null; // what is on the table
let sliders = new Map(); // by name: { control, row, input, output }
let pixels = 0; // the longer side that pictures are asked for in
let shown = ""; // the address of the edit that is seen
let loading = false;
let slow = false; // whether the last edit of full size took long

const server = new Server(show);
const before = new Rating(element("before"), () => element("before").classList.remove("wanted"));
const after = new Rating(element("after"), () => element("after").classList.remove("wanted"));

const actions = {
  compare: () => compare(!document.body.classList.contains("comparing")),
  reset: () => { for (const name of sliders.keys()) reset(name); refresh(); },
  skip: () => task && server.ask("skip", {}),
  async undo() {
    if (server.told && !server.ended && !await server.ask("undo", {})) say("There is nothing to undo in this round.");
  },
  help: () => element("help").showModal(),
  end: () => server.end(),
  next,
};

async function next() {
  if (!task || server.ended) return;
  const missing = [["before", before], ["after", after]].filter(([, rating]) => rating.value === null);
  if (missing.length > 0) {
    for (const [id] of missing) element(id).classList.add("wanted");
    say("Rate both first, from 0 to 10; or skip the photo with s.");
    return;
  }
  await server.ask("keep", { parameters: parameters(), before: before.value, after: after.value });
}

// --- What is shown ---

async function show(told, fresh) {
  if (sliders.size === 0) drawSliders(told.controls);
  if (fresh && told.task) await lay(told.task);
  task = told.task;
  const { retouched, altogether, complete } = told.progress;
  const number = told.task ? `${told.task.number} of ${told.task.of}` : `${retouched}`;
  element("progress").textContent = `${number} · ${altogether.toLocaleString("en")} retouched altogether`;
  document.title = `${number} · Retouch`;
  const count = `${retouched} retouched now, ${altogether} altogether`;
  if (server.ended) sumUp(count, "You can close this tab.", false);
  else if (!task) sumUp(complete ? "That was the last photo of this round" : "No photo is left to retouch", `${count}.`, true);
  else sumUp("", "", false);
}

// Lays a photo on the table, all at once when its pictures are there.
async function lay(next) {
  const put = await draw(next, next.parameters);
  task = next;
  compare(false);
  for (const [name, { control, input }] of sliders) {
    input.value = next.parameters[name] ?? control.identity;
    tell(name);
  }
  before.set(next.before);
  after.set(next.after);
  for (const id of ["before", "after"]) element(id).classList.remove("wanted");
  element("name").textContent = next.name;
  element("caption").textContent = next.caption;
  put();
  element("table").removeAttribute("aria-busy");
}

// Loads a photo and its edit for the room that there is; what it returns shows them.
async function draw(photo, moved) {
  const wanted = pixelsFor(element("edit").getBoundingClientRect(), photo);
  const source = address(photo, wanted, moved);
  const [original, copy, edited] = await Promise.all([
    decoded(`photos/${photo.photo}?pixels=${wanted}`, `${photo.name}, as it is`),
    decoded(`photos/${photo.photo}?pixels=${wanted}`, `${photo.name}, as it is`),
    decoded(source, `${photo.name}, your edit`),
  ]);
  copy.className = "original";
  return () => {
    [pixels, shown] = [wanted, source];
    element("original").replaceChildren(original);
    element("edit").replaceChildren(edited, copy);
  };
}

// Brings the edit up to date. One picture is on its way at a time; of the changes meanwhile, only
// the last is asked for. Where that takes long, half the size comes first, and all of it at rest.
async function refresh() {
  if (loading || !task) return;
  loading = true;
  try {
    let drafted = "";
    for (let wanted = now(); wanted !== shown; wanted = now()) {
      const draft = slow && wanted !== drafted;
      const source = draft ? address(task, Math.ceil(pixels / 2), parameters()) : wanted;
      const start = performance.now();
      const picture = await decoded(source, `${task.name}, your edit`);
      if (!draft) slow = performance.now() - start > SLOW_MS;
      if (!source.startsWith(`photos/${task.photo}/`)) continue; // of a photo that is gone
      if (draft) drafted = wanted;
      else shown = wanted;
      element("edit").querySelector("img:not(.original)").replaceWith(picture);
      if (draft) await new Promise((rested) => { setTimeout(rested, now() === drafted ? REST_MS : 0); });
    }
  } catch {
    server.ask("state"); // says so, if the program is gone
  } finally {
    loading = false;
  }
}

function address(photo, wanted, moved) {
  return `photos/${photo.photo}/edited?${new URLSearchParams({ pixels: wanted, ...moved })}`;
}

function now() {
  return address(task, pixels, parameters());
}

// Those that were moved.
function parameters() {
  const moved = [...sliders].filter(([, { control, input }]) => input.valueAsNumber !== control.identity);
  return Object.fromEntries(moved.map(([name, { input }]) => [name, input.valueAsNumber]));
}

function compare(isOn) {
  document.body.classList.toggle("comparing", isOn);
  element("shown").textContent = isOn ? "Before" : "Your edit";
  document.querySelector("#tools [data-action=compare]").setAttribute("aria-pressed", String(isOn));
}

// --- The sliders ---

function drawSliders(controls) {
  for (const family of new Set(controls.map((control) => control.family))) {
    const fieldset = document.importNode(element("family").content.firstElementChild, true);
    fieldset.querySelector("legend").textContent = family;
    fieldset.append(...controls.filter((control) => control.family === family).map(drawSlider));
    element("sliders").append(fieldset);
  }
}

function drawSlider(control) {
  const row = document.importNode(element("slider").content.firstElementChild, true);
  const input = row.querySelector("input");
  const text = control.name.replaceAll("_", " ");
  row.querySelector(".label").textContent = text.charAt(0).toUpperCase() + text.slice(1);
  row.querySelector("small").textContent = control.unit;
  row.title = `To the right: ${control.description}. Double click: back to ${control.identity}.`;
  Object.assign(input, { name: control.name, min: control.low, max: control.high, step: stepOf(control) });
  input.value = control.identity;
  input.addEventListener("input", () => { compare(false); tell(control.name); refresh(); });
  row.addEventListener("dblclick", () => { reset(control.name); refresh(); });
  sliders.set(control.name, { control, row, input, output: row.querySelector("output") });
  tell(control.name);
  return row;
}

// About a hundredth of the range: 1, 2 or 5 of some power of ten.
function stepOf({ low, high }) {
  const wanted = (high - low) / 100;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return Number((power * [5, 2, 1].find((part) => part * power <= wanted * 1.001)).toPrecision(1));
}

function reset(name) {
  const { control, input } = sliders.get(name);
  input.value = control.identity;
  tell(name);
}

function tell(name) {
  const { control, row, input, output } = sliders.get(name);
  const value = input.valueAsNumber;
  const decimals = Math.max(0, -Math.floor(Math.log10(stepOf(control))));
  output.textContent = value === control.identity ? "0" : `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(decimals)}`;
  input.setAttribute("aria-valuetext", `${output.textContent} ${control.unit}`);
  row.classList.toggle("moved", value !== control.identity);
}

// --- What the user does ---

function rate(digit, event) {
  const time = event.timeStamp;
  const first = event.shiftKey || before.value === null || (digit === "0" && before.awaitsZero(time));
  (first ? before : after).type(digit, time);
  element(first ? "before" : "after").classList.remove("wanted");
}

listen(actions, KEYS, (event) => {
  const digit = digitOf(event);
  if (digit === "" || !task || event.repeat) return false;
  rate(digit, event);
  return true;
});
const edit = element("edit");
edit.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  edit.setPointerCapture(event.pointerId);
  compare(true);
});
for (const end of ["pointerup", "pointercancel"]) edit.addEventListener(end, () => compare(false));
new ResizeObserver(async () => {
  if (task && pixelsFor(edit.getBoundingClientRect(), task) > pixels) (await draw(task, parameters()))();
}).observe(edit);

server.ask("state");

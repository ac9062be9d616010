// The page of a round of reranking: the order on the page counts when the server said so.

import { Rating, decoded, digitOf, listen, pixelsFor } from "./rounds.js";
import { Server, element, plural, say, sumUp } from "./server.js";

const KEYS = { u: "undo", "?": "help", q: "end", Enter: "store" };
const CAPTION = 70; // CSS pixels below every photo
const STILL = 6; // that a finger may tremble

const table = element("table");
let cards = []; // { photo, node, rating }: in the order of the page
let steps = []; // earlier orders, the last one last
let carried = null; // { card, start, moved }: what the pointer holds

const server = new Server(show);

const actions = {
  store: () => cards.length && !server.told.stored && server.ask("store", { order: cards.map(({ photo }) => photo.photo), ratings: ratings() }),
  async undo() {
    if (!server.told || server.ended) return;
    if (server.told.stored) await server.ask("undo", {});
    else if (steps.length > 0) arrange(steps.pop());
    else say("There is nothing to undo.");
  },
  help: () => element("help").showModal(),
  end: () => server.end(),
};

function ratings() {
  const rated = cards.filter(({ rating }) => rating.value !== null);
  return Object.fromEntries(rated.map(({ photo, rating }) => [photo.photo, rating.value]));
}

// --- What is shown ---

async function show(told) {
  if (cards.length === 0) {
    cards = told.photos.map(draw);
    arrange(cards);
    await Promise.all(cards.map(load));
    table.removeAttribute("aria-busy");
    cards[0].node.focus();
  }
  element("progress").textContent = `${plural(cards.length, "photo")} · ${plural(told.altogether, "order")} altogether`;
  const stored = told.stored ? "The order is stored" : "No order was stored";
  if (server.ended) sumUp(stored, "You can close this tab.", false);
  else if (told.stored) sumUp(stored, `${plural(Object.keys(ratings()).length, "photo")} rated anew.`, true);
  else sumUp("", "", false);
}

function draw(photo) {
  const node = document.importNode(element("photo").content.firstElementChild, true);
  node.querySelector("b").textContent = photo.name;
  node.querySelector("p span").textContent = photo.caption;
  const card = { photo, node, rating: new Rating(node.querySelector("fieldset")) };
  node.addEventListener("pointerdown", (event) => lift(card, event));
  return card;
}

async function load({ photo, node }) {
  const frame = node.querySelector(".frame");
  frame.replaceChildren(await decoded(`photos/${photo.photo}?pixels=${pixelsFor(frame.getBoundingClientRect(), photo)}`, photo.name));
}

// Puts the cards into an order; the page keeps its focus.
function arrange(order) {
  const focused = document.activeElement;
  cards = [...order];
  table.style.setProperty("--columns", columns());
  cards.forEach(({ node, photo }, place) => {
    node.querySelector("kbd").textContent = place + 1;
    node.setAttribute("aria-label", `${place + 1}: ${photo.name}`);
    if (table.children[place] !== node) table.insertBefore(node, table.children[place] ?? null);
  });
  if (focused?.closest?.(".photo")) focused.focus();
}

// In how many columns the photos are largest, all together.
function columns() {
  const areas = cards.map((_, index) => {
    const width = table.clientWidth / (index + 1);
    const height = Math.max(1, table.clientHeight / Math.ceil(cards.length / (index + 1)) - CAPTION);
    return cards.reduce((sum, { photo }) => sum + photo.width * photo.height * Math.min(width / photo.width, height / photo.height) ** 2, 0);
  });
  return areas.indexOf(Math.max(...areas)) + 1;
}

// --- What the user does ---

function move(card, place) {
  const to = Math.min(Math.max(place, 0), cards.length - 1);
  if (cards[to] === card) return;
  steps.push(cards);
  const others = cards.filter((each) => each !== card);
  arrange([...others.slice(0, to), card, ...others.slice(to)]);
}

function lift(card, event) {
  if (event.button !== 0 || event.target.closest("fieldset")) return;
  card.node.focus();
  carried = { card, start: { x: event.clientX, y: event.clientY }, from: cards, moved: false };
  event.preventDefault(); // no text is selected
}

document.addEventListener("pointermove", (event) => {
  if (!carried) return;
  const { card, start } = carried;
  if (!carried.moved && Math.hypot(event.clientX - start.x, event.clientY - start.y) < STILL) return;
  carried.moved = true;
  card.node.classList.add("carried");
  const under = document.elementFromPoint(event.clientX, event.clientY)?.closest(".photo");
  const place = cards.findIndex(({ node }) => node === under);
  if (place < 0 || under === card.node) return;
  const others = cards.filter((each) => each !== card);
  arrange([...others.slice(0, place), card, ...others.slice(place)]);
});
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => {
    if (!carried) return;
    const { card, from, moved } = carried;
    card.node.classList.remove("carried");
    if (moved && from.some((each, place) => each !== cards[place])) steps.push(from);
    carried = null;
  });
}

listen(actions, KEYS, (event, key) => {
  if (server.told?.stored || server.ended) return false;
  const place = cards.findIndex(({ node }) => node.contains(document.activeElement));
  const way = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns() }[key];
  const digit = digitOf(event);
  if (way) {
    if (event.shiftKey && place >= 0) move(cards[place], place + way);
    else cards[Math.min(Math.max(place < 0 ? 0 : place + way, 0), cards.length - 1)].node.focus();
  } else if (digit !== "" && place >= 0 && !event.repeat) {
    cards[place].rating.type(digit, event.timeStamp);
  } else {
    return false;
  }
  return true;
});
new ResizeObserver(() => cards.length && arrange(cards)).observe(table);

server.ask("state");

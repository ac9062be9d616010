// The photos of a question on the page: their elements, their pictures, how they share the room.

const CAPTION = 27; // CSS pixels below every photo
const PIXEL_STEP = 128; // sizes that pictures are asked for in

let ahead = new Map(); // pictures by address

// Returns elements, and the photo's size in pixels; `load` brings the picture.
export function draw(side, place, { sides }) {
  const pair = sides.length === 2;
  // Imported, not cloned: a picture that moves in from another document is loaded again.
  const figure = document.importNode(document.getElementById("side").content.firstElementChild, true);
  const frame = figure.querySelector(".frame");
  const name = pair ? ["Left", "Right"][place] : `Photo ${place + 1}`;
  const title = [`${name}: ${side.name}`, side.caption].filter(Boolean).join(", ");
  frame.setAttribute("aria-keyshortcuts", pair ? `${["ArrowLeft", "ArrowRight"][place]} ${place + 1}` : `${place + 1}`);
  figure.querySelector("kbd").textContent = pair ? ["←", "→"][place] : place + 1;
  figure.querySelector("b").textContent = side.name;
  figure.querySelector("figcaption span").textContent = side.caption;
  figure.querySelector(".details").append(...side.details.flatMap(([label, value]) => [text("dt", label), text("dd", value)]));
  return { figure, frame, canvas: figure.querySelector(".canvas"), title, ...side, full: null };
}

// Loads pictures before they are needed, in place of those loaded so before.
export function loadAhead(photos, pixels) {
  ahead = new Map(photos.map((photo) => [address(photo, pixels), image(address(photo, pixels))]));
  for (const picture of ahead.values()) picture.decode().catch(() => {}); // `load` will see
}

// Shows the picture as soon as it is decoded, in place of one loaded before.
export async function load(side, pixels) {
  const picture = ahead.get(address(side.photo, pixels)) ?? image(address(side.photo, pixels));
  picture.alt = side.title;
  try {
    await picture.decode();
    side.canvas.querySelector(".preview")?.remove();
    picture.className = "preview";
    side.canvas.prepend(picture);
  } catch {
    if (!side.canvas.hasChildNodes()) side.canvas.append(text("span", `${side.title} cannot be shown`));
  }
}

// Lays every pixel of the photo over its preview; the first call loads them.
export async function enlarge(side, failed) {
  if (side.full) return;
  side.full = image(`photos/${side.photo}/full`); // says nothing that the preview does not
  try {
    await side.full.decode();
    side.canvas.append(side.full);
  } catch {
    failed();
  }
}

// The longer side in device pixels in which pictures fill their room.
export function pixelsFor(stage, { sides }) {
  const { width, height } = room(stage, sides, columnsFor(stage, sides));
  return Math.ceil(Math.max(width, height) * devicePixelRatio / PIXEL_STEP) * PIXEL_STEP;
}

export function arrange(stage, { sides }) {
  const columns = columnsFor(stage, sides);
  stage.style.setProperty("--columns", columns);
  stage.classList.toggle("stacked", sides.length === 2 && columns === 1);
}

// In how many columns the photos are largest, all together.
function columnsFor(stage, sides) {
  let best = 1;
  let largest = 0;
  for (let columns = 1; columns <= sides.length; columns += 1) {
    const { width, height } = room(stage, sides, columns);
    const area = sides.reduce((sum, side) => sum + side.width * side.height * Math.min(width / side.width, height / side.height) ** 2, 0);
    if (area > largest) [best, largest] = [columns, area];
  }
  return best;
}

function room(stage, sides, columns) {
  const rows = Math.ceil(sides.length / columns);
  return { width: stage.clientWidth / columns, height: Math.max(1, stage.clientHeight / rows - CAPTION) };
}

function address(photo, pixels) {
  return `photos/${photo}?pixels=${pixels}`;
}

function image(source) {
  const picture = new Image();
  picture.alt = "";
  picture.draggable = false;
  picture.decoding = "sync"; // painted together with the other photos
  picture.src = source;
  return picture;
}

function text(tag, content) {
  const made = document.createElement(tag);
  made.textContent = content;
  return made;
}

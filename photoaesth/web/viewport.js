// Looking closer: all photos of a question zoom and move together.
//
// Shared are the scale, in CSS pixels per pixel of the photo, and the point of the photos that is in the
// middle, as fractions of their width and height. So equal corners stand in equal places, also of photos
// of different sizes.

const SWIPE = 60; // CSS pixels to the side that make a swipe
const STILL = 8; // and that a finger may tremble
const LARGEST = 8; // times a photo pixel

export class Viewport {
  #views = []; // { frame, canvas, width, height }: elements, and the photo's size in pixels
  #scale = 0; // 0: each photo fits its frame
  #middle = { x: 0.5, y: 0.5 };
  #pointers = new Map();
  #pointed = null; // where the mouse is
  #start = null; // of the gesture under way
  #alone = true; // one finger, from first to last
  #on;

  // on: { zoom(percent or 0), lean(-1, 0 or 1), swipe(-1 or 1) }
  constructor(stage, on) {
    this.#on = on;
    this.moved = false; // whether the last gesture was more than a click
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      stage.addEventListener(end, (event) => this.#up(event));
    }
    stage.addEventListener("pointerleave", () => { this.#pointed = null; });
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    new ResizeObserver(() => this.#place()).observe(stage);
  }

  get zoomed() {
    return this.#scale > 0;
  }

  show(views) {
    this.#views = views;
    this.fit();
  }

  fit() {
    this.#scale = 0;
    this.#middle = { x: 0.5, y: 0.5 };
    this.#place();
  }

  // To 100 %, or twice as large as it is where that would be smaller, around the mouse.
  toggle() {
    if (this.zoomed) return this.fit();
    const largest = Math.max(...this.#views.map(fitting));
    const whole = 1 / devicePixelRatio;
    const view = this.#viewAt(this.#pointed) ?? this.#views[0];
    this.#zoomTo(whole > 1.05 * largest ? whole : 2 * largest, view, this.#pointed ?? middleOf(view));
  }

  // By so many CSS pixels on that photo; the others follow.
  pan(x, y, view = this.#views[0]) {
    const scale = this.#scaleOf(view);
    this.#middle.x -= x / (view.width * scale);
    this.#middle.y -= y / (view.height * scale);
    this.#place();
  }

  // Keeps what is at `point` where it is.
  #zoomTo(scale, view, point) {
    const centre = middleOf(view);
    const before = this.#scaleOf(view);
    const middle = this.#middleIn(view);
    const after = Math.min(Math.max(scale, fitting(view)), LARGEST / devicePixelRatio);
    for (const [axis, side] of [["x", "width"], ["y", "height"]]) {
      const shift = (point[axis] - centre[axis]) / view[side];
      this.#middle[axis] = middle[axis] + shift / before - shift / after;
    }
    this.#scale = after;
    if (after <= fitting(view)) this.fit();
    else this.#place();
  }

  #place() {
    if (this.zoomed) {
      for (const axis of ["x", "y"]) {
        const edge = Math.min(...this.#views.map((view) => this.#edge(view, axis)));
        this.#middle[axis] = clamp(this.#middle[axis], edge);
      }
    }
    for (const view of this.#views) {
      const scale = this.#scaleOf(view);
      const middle = this.#middleIn(view);
      const x = (0.5 - middle.x) * view.width * scale;
      const y = (0.5 - middle.y) * view.height * scale;
      view.canvas.style.transform = this.zoomed ? `translate(${x}px, ${y}px) scale(${scale / fitting(view)})` : "";
    }
    this.#on.zoom(Math.round(this.#scale * devicePixelRatio * 100));
  }

  #scaleOf(view) {
    return Math.max(this.#scale, fitting(view));
  }

  // How near the middle may come to the photo's edge before there is a gap.
  #edge(view, axis) {
    const [frame, photo] = axis === "x" ? [view.frame.clientWidth, view.width] : [view.frame.clientHeight, view.height];
    return Math.min(0.5, frame / (2 * photo * this.#scaleOf(view)));
  }

  #middleIn(view) {
    return { x: clamp(this.#middle.x, this.#edge(view, "x")), y: clamp(this.#middle.y, this.#edge(view, "y")) };
  }

  #viewAt(point) {
    return point && this.#views.find(({ frame }) => {
      const box = frame.getBoundingClientRect();
      return point.x >= box.left && point.x <= box.right && point.y >= box.top && point.y <= box.bottom;
    });
  }

  #down(event) {
    if (event.button !== 0) return;
    if (this.#pointers.size === 0) {
      this.moved = false;
      this.#start = { x: event.clientX, y: event.clientY };
    }
    this.#alone = this.#pointers.size === 0;
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  #move(event) {
    const point = { x: event.clientX, y: event.clientY };
    if (event.pointerType === "mouse") this.#pointed = point;
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const others = [...this.#pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    if (!this.moved && distance(point, this.#start) < STILL) return;
    this.#pointers.set(event.pointerId, point);
    if (!this.moved && this.zoomed) event.target.setPointerCapture(event.pointerId);
    this.moved = true;
    const view = this.#viewAt(this.#start) ?? this.#views[0];
    if (others.length > 0) {
      const ratio = distance(point, others[0]) / Math.max(1, distance(before, others[0]));
      this.#zoomTo(this.#scaleOf(view) * ratio, view, between(point, others[0]));
      if (this.zoomed) this.pan((point.x - before.x) / 2, (point.y - before.y) / 2, view);
    } else if (this.zoomed) {
      this.pan(point.x - before.x, point.y - before.y, view);
    } else if (event.pointerType !== "mouse") {
      this.#on.lean(this.#alone ? this.#swipe(point) : 0);
    }
  }

  #up(event) {
    if (!this.#pointers.delete(event.pointerId) || this.#pointers.size > 0) return;
    const direction = this.#swipe({ x: event.clientX, y: event.clientY });
    this.#on.lean(0);
    if (direction && this.#alone && !this.zoomed && event.type === "pointerup" && event.pointerType !== "mouse") {
      this.#on.swipe(direction);
    }
  }

  #swipe(point) {
    const x = point.x - this.#start.x;
    const sideways = Math.abs(x) > SWIPE && Math.abs(x) > 1.5 * Math.abs(point.y - this.#start.y);
    return sideways ? Math.sign(x) : 0;
  }

  #wheel(event) {
    event.preventDefault(); // also of a trackpad's pinch, which would zoom the page
    const point = { x: event.clientX, y: event.clientY };
    const view = this.#viewAt(point) ?? this.#views[0];
    if (!view) return;
    const step = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
    if (event.ctrlKey) {
      this.#zoomTo(this.#scaleOf(view) * Math.exp(-event.deltaY * step / 100), view, point);
    } else if (this.zoomed) {
      this.pan(-event.deltaX * step, -event.deltaY * step, view);
    }
  }
}

function fitting({ frame, width, height }) {
  return Math.min(frame.clientWidth / width, frame.clientHeight / height);
}

function middleOf({ frame }) {
  const box = frame.getBoundingClientRect();
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
}

function clamp(fraction, edge) {
  return Math.min(Math.max(fraction, edge), 1 - edge);
}

function between(one, other) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

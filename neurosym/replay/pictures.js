"use strict";
/* Pictures: from the recording's segments to a canvas. A segment is a stretch of pictures of one size,
     {first, count, height, width, kind, ...}
     kind "tiles"    tile, data: deflated uint16 tile numbers, each picture added to the one before
     kind "pictures" images: base64 WebP, frames: which image each step shows
   and a sheet is {tile, columns, png}: every distinct tile of one size, `columns` to a row, as base64 PNG. */

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function picture(type, text) {
  const image = new Image();
  image.src = `data:image/${type};base64,${text}`;
  await image.decode();
  return image;
}

async function tileFrames(segment) {
  const bytes = await inflate(bytesOf(segment.data));
  const view = new DataView(bytes.buffer);
  const cells = bytes.length / 2 / segment.count;
  const numbers = new Uint16Array(bytes.length / 2);
  for (let at = 0; at < numbers.length; at += 1) {
    numbers[at] = view.getUint16(2 * at, true) + (at < cells ? 0 : numbers[at - cells]);
  }
  return { ...segment, cells, numbers };
}

async function decodeSegment(segment) {
  if (segment.kind === "tiles") return tileFrames(segment);
  return { ...segment, images: await Promise.all(segment.images.map((text) => picture("webp", text))) };
}

/* The panes of an episode, with every segment ready to be drawn. */
async function decodePanes(panes) {
  const ready = Object.entries(panes).map(async ([name, film]) => [name, await Promise.all(film.map(decodeSegment))]);
  return Object.fromEntries(await Promise.all(ready));
}

/* The sheets by tile size, each with its image. */
async function decodeSheets(list) {
  const ready = list.map(async (sheet) => [sheet.tile, { ...sheet, image: await picture("png", sheet.png) }]);
  return new Map(await Promise.all(ready));
}

/* ---- drawing ---- */

function drawTiles(context, segment, frame, { tile, columns, image }) {
  const across = Math.ceil(segment.width / tile);
  for (let cell = 0; cell < segment.cells; cell += 1) {
    const number = segment.numbers[frame * segment.cells + cell];
    const [left, top] = [(number % columns) * tile, Math.floor(number / columns) * tile];
    const [x, y] = [(cell % across) * tile, Math.floor(cell / across) * tile];
    context.drawImage(image, left, top, tile, tile, x, y, tile, tile);
  }
}

/* Shows a film's picture of `step`, or hides the canvas when there is none. */
function drawStep(canvas, film, step, sheets) {
  const segment = film.find((one) => step >= one.first && step < one.first + one.count);
  canvas.hidden = !segment;
  if (!segment) return;
  if (canvas.width !== segment.width) canvas.width = segment.width;
  if (canvas.height !== segment.height) canvas.height = segment.height;
  canvas.classList.toggle("coarse", Math.max(segment.width, segment.height) < 200);
  fit(canvas);
  const context = canvas.getContext("2d");
  const frame = step - segment.first;
  if (segment.kind === "tiles") drawTiles(context, segment, frame, sheets.get(segment.tile));
  else context.drawImage(segment.images[segment.frames[frame]], 0, 0, canvas.width, canvas.height);
}

/* As large as its frame allows; styled here because CSS cannot enlarge a canvas in both directions. */
function fit(canvas) {
  const { clientWidth, clientHeight } = canvas.parentElement;
  const scale = Math.min(clientWidth / canvas.width, clientHeight / canvas.height);
  const [width, height] = [canvas.width, canvas.height].map((side) => `${Math.floor(side * scale)}px`);
  if (canvas.style.width !== width) canvas.style.width = width;
  if (canvas.style.height !== height) canvas.style.height = height;
}

/* Adler-32 of a canvas's RGB bytes, so that a test can tell the pixels on screen from those recorded. */
function fingerprint(canvas) {
  if (canvas.hidden || !canvas.width) return "";
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let [low, high] = [1, 0];
  for (let at = 0; at < data.length; at += 1) {
    if (at % 4 === 3) continue;
    low = (low + data[at]) % 65521;
    high = (high + low) % 65521;
  }
  return String(high * 65536 + low);
}

/* The page. The recording is JSON in #recording:
     sheets[]            as in pictures.js
     episodes[]          task, seed, mission, outcome {success, steps, total, cause} or null
       plans, words      distinct plans (lists of lines) and distinct words, referred to by index
       plan, planStep, instruction, action, reward    one entry for each step
       events[]          [step, kind, text]
       panes             world, view, belief: lists of segments, as in pictures.js
   Recorded words only ever become text nodes. */

const PANES = ["world", "view", "belief"];
const SPEEDS = [1, 2, 5, 10, 20, 40];
const KINDS = { plan: "◆", replan: "↻", achieved: "✓", failed: "✕", "gave up": "■", end: "⚑" };

const $ = (id) => document.getElementById(id);
const root = document.documentElement;
const recording = JSON.parse($("recording").textContent);
const now = { episode: 0, step: 0, playing: false, speed: 5, timer: 0, planShown: null };
let sheets = new Map();
let films = {};

/* ---- words ---- */

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/* Events may quote a whole plan; the list beside them has it in full. */
function gist(text) {
  if (!/^\s*(\([^()]*\)\s*)+$/.test(text)) return [text];
  const steps = text.match(/\([^()]*\)/g);
  if (steps.length === 1) return lineOf(steps[0]);
  return [`${steps.length} steps: ${steps.map((step) => lineOf(step)[0].textContent).join(", ")}`];
}

/* "(open door1 key2)" becomes a name and its arguments; anything else stays as it is. */
function lineOf(text) {
  const match = /^\(\s*([^\s()]+)([^()]*)\)$/.exec(text);
  if (!match) return [element("span", "name", text)];
  const args = match[2].trim().split(/\s+/).filter(Boolean);
  return [element("span", "name", match[1]), ...args.map((arg) => element("span", "arg", arg))];
}

function spaced(text) {
  return text.replaceAll("_", " ");
}

function number(value) {
  return String(Math.round(value * 1000) / 1000);
}

function verdict(outcome) {
  if (!outcome) return ["unfinished", "Unfinished"];
  if (outcome.success) return ["good", `Succeeded in ${outcome.steps} steps · return ${number(outcome.total)}`];
  return ["bad", `Failed after ${outcome.steps} steps${outcome.cause ? ` · ${spaced(outcome.cause)}` : ""}`];
}

function kindClass(kind) {
  return kind in KINDS ? `kind-${kind.replace(" ", "-")}` : "kind-other";
}

/* ---- an episode ---- */

const episode = () => recording.episodes[now.episode];
const lastStep = () => episode().plan.length - 1;

function eventsOf(one) {
  const end = one.outcome && one.plan.length ? [[one.plan.length - 1, "end", verdict(one.outcome)[1]]] : [];
  return [...one.events, ...end];
}

async function showEpisode(index, step) {
  pause();
  const chosen = Math.min(Math.max(index, 0), recording.episodes.length - 1);
  const decoded = await decodePanes(recording.episodes[chosen].panes);
  [now.episode, films, now.planShown] = [chosen, decoded, null];
  let sum = 0;
  now.returns = episode().reward.map((reward) => (sum += reward));
  showHeading();
  buildTimeline();
  buildLog();
  for (const name of PANES) $(`pane-${name}`).hidden = films[name].length === 0;
  $("senses").hidden = films.view.length + films.belief.length === 0;
  go(step);
}

function showHeading() {
  const one = episode();
  const meta = Object.entries(recording.meta).map(([key, value]) => `${key} ${value}`);
  const facts = [one.task, `seed ${one.seed}`, ...meta].filter(Boolean);
  $("facts").replaceChildren(...facts.map((fact) => element("span", "", fact)));
  $("facts").title = facts.join("\n");
  $("mission").textContent = one.mission || recording.title;
  const [tone, text] = verdict(one.outcome);
  $("outcome").className = `outcome ${tone}`;
  $("outcome").textContent = text;
  $("picker").value = String(now.episode);
  $("steps").textContent = String(Math.max(lastStep(), 0));
  $("slider").max = String(Math.max(lastStep(), 0));
}

function place(step) {
  return `${(100 * step) / Math.max(lastStep(), 1)}%`;
}

function buildTimeline() {
  const one = episode();
  const bands = [];
  for (let step = 0, start = 0; step < one.plan.length; step += 1) {
    const same = one.plan[step] === one.plan[step + 1] && one.planStep[step] === one.planStep[step + 1];
    if (same && step < lastStep()) continue;
    bands.push(band(start, Math.min(step + 1, lastStep())));
    start = step + 1;
  }
  $("bands").replaceChildren(...bands);
  const events = eventsOf(one);
  const marks = merged(events);
  $("marks").replaceChildren(...marks.map((event, at) => mark(event, crowding(marks, at))));
  buildLegend(new Set(events.map(([, kind]) => kind)));
}

function band(start, end) {
  const one = episode();
  const line = one.plans[one.plan[start]][one.planStep[start]] ?? "";
  const label = lineOf(line)[0].textContent;
  const made = element("span", `band ${line ? `shade-${(one.planStep[start] + one.plan[start]) % 2}` : "empty"}`, label);
  made.style.left = place(start);
  made.style.width = `${(100 * (end - start)) / Math.max(lastStep(), 1)}%`;
  made.title = line;
  return made;
}

/* One mark for all events of a kind at a step. */
function merged(events) {
  const groups = new Map();
  for (const [step, kind, text] of events) {
    const key = `${step} ${kind}`;
    groups.set(key, [step, kind, groups.has(key) ? `${groups.get(key)[2]}\n${text}` : text]);
  }
  return [...groups.values()];
}

/* How far to move a mark aside, in its own widths, when several events share a step. */
function crowding(events, at) {
  const together = events.map(([step], other) => (step === events[at][0] ? other : -1)).filter((other) => other >= 0);
  return together.indexOf(at) - (together.length - 1) / 2;
}

function mark([step, kind, text], aside) {
  const made = element("span", `mark ${kindClass(kind)}`, KINDS[kind] ?? "•");
  made.style.left = `calc(${place(step)} + ${12 * aside}px)`;
  made.title = `step ${step}, ${kind}: ${text}`;
  made.addEventListener("click", () => go(step));
  return made;
}

function buildLegend(kinds) {
  const entry = (kind) => element("li", "", element("span", `mark ${kindClass(kind)}`, KINDS[kind] ?? "•"), kind);
  $("legend").replaceChildren(...[...kinds].map(entry));
}

function buildLog() {
  const entry = ([step, kind, text]) => {
    const words = element("span", "text", element("b", "", kind), " ", ...gist(text));
    const button = element("button", "", element("span", `mark ${kindClass(kind)}`, KINDS[kind] ?? "•"), words, element("span", "when", String(step)));
    button.type = "button";
    button.title = text;
    button.addEventListener("click", () => go(step));
    return element("li", "", button);
  };
  const events = eventsOf(episode());
  $("log").replaceChildren(...events.map(entry));
  $("event-count").textContent = String(events.length);
}

/* ---- a step ---- */

function go(step) {
  now.step = Math.min(Math.max(Math.trunc(step) || 0, 0), Math.max(lastStep(), 0));
  for (const name of PANES) drawStep($(`canvas-${name}`), films[name], now.step, sheets);
  if (episode().plan.length) {
    showWords();
    showPlan();
  }
  showLog();
  $("step").textContent = String(now.step);
  $("slider").value = String(now.step);
  $("slider").setAttribute("aria-valuetext", `step ${now.step} of ${lastStep()}`);
  $("playhead").style.left = place(now.step);
  if (now.playing && now.step >= lastStep()) pause();
  if (!now.playing) remember();
}

function showWords() {
  const one = episode();
  const [instruction, action] = [one.instruction, one.action].map((list) => one.words[list[now.step]]);
  const ended = !action && now.step === lastStep();
  const [tone, text] = verdict(one.outcome);
  $("instruction").textContent = ended ? text : instruction || "—";
  $("instruction").className = `words ${ended ? tone : ""}`;
  $("action").replaceChildren("action ", element("b", "", action || "none"));
  $("reward").replaceChildren("reward ", element("b", "", number(one.reward[now.step])));
  $("return").replaceChildren("return ", element("b", "", number(now.returns[now.step])));
}

function showPlan() {
  const one = episode();
  const [plan, inHand] = [one.plan[now.step], one.planStep[now.step]];
  const lines = one.plans[plan];
  if (now.planShown !== plan) {
    $("plan").replaceChildren(...lines.map((line) => element("li", "", ...lineOf(line))));
    now.planShown = plan;
  }
  [...$("plan").children].forEach((line, at) => {
    line.className = at < inHand ? "done" : at === inHand ? "current" : "ahead";
    if (at === inHand) line.setAttribute("aria-current", "step");
    else line.removeAttribute("aria-current");
  });
  const which = one.plans.filter((each) => each.length).length > 1 ? `no. ${plan + 1} · ` : "";
  const where = inHand < lines.length ? `step ${inHand + 1} of ${lines.length}` : "done";
  $("plan-count").textContent = lines.length ? which + where : "none";
  keepInSight($("plan"), $("plan").children[inHand] ?? $("plan").lastElementChild);
}

function showLog() {
  const entries = [...$("log").children];
  const events = eventsOf(episode());
  let latest = null;
  entries.forEach((entry, at) => {
    entry.className = events[at][0] < now.step ? "past" : events[at][0] === now.step ? "present" : "future";
    if (events[at][0] <= now.step) latest = entry;
  });
  keepInSight($("log"), latest ?? entries[0]);
}

/* Centres an item by scrolling its list alone: scrollIntoView would move the page on a narrow screen. */
function keepInSight(list, item) {
  if (!item) return;
  const [outer, inner] = [list.getBoundingClientRect(), item.getBoundingClientRect()];
  list.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
}

/* ---- playing ---- */

function play() {
  if (now.step >= lastStep()) go(0);
  now.playing = true;
  document.body.classList.add("playing");
  $("play").setAttribute("aria-label", "Pause (space)");
  tick();
}

function tick() {
  now.timer = setTimeout(() => {
    go(now.step + 1);
    if (now.playing) tick();
  }, 1000 / now.speed);
}

function pause() {
  clearTimeout(now.timer);
  now.playing = false;
  document.body.classList.remove("playing");
  $("play").setAttribute("aria-label", "Play (space)");
}

function toggle() {
  if (!now.playing) return play();
  pause();
  remember();
}

function jumpToEvent(direction) {
  const steps = eventsOf(episode()).map(([step]) => step);
  const found = direction > 0 ? steps.filter((step) => step > now.step) : steps.filter((step) => step < now.step);
  if (found.length) go(direction > 0 ? Math.min(...found) : Math.max(...found));
}

function setSpeed(place) {
  now.speed = SPEEDS[Math.min(Math.max(place, 0), SPEEDS.length - 1)];
  $("speed").value = String(now.speed);
}

function flipTheme() {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}

/* ---- the address: #episode=1&step=37&theme=dark ---- */

function wanted() {
  return new URLSearchParams(location.hash.slice(1));
}

function remember() {
  const address = wanted();
  address.set("episode", String(now.episode + 1));
  address.set("step", String(now.step));
  address.delete("play");
  try {
    history.replaceState(null, "", `#${address}`);
  } catch {
    /* Some browsers refuse this for local files; the page works without it. */
  }
}

async function follow() {
  const address = wanted();
  if (address.has("theme")) root.dataset.theme = address.get("theme") === "dark" ? "dark" : "light";
  if (address.has("speed")) setSpeed(SPEEDS.indexOf(Number(address.get("speed"))));
  await showEpisode((Number(address.get("episode")) || 1) - 1, Number(address.get("step")));
  if (address.has("check")) for (const name of PANES) root.dataset[name] = fingerprint($(`canvas-${name}`));
  if (address.has("play")) play();
}

/* ---- the keyboard ---- */

const KEYS = {
  " ": toggle,
  ArrowLeft: (event) => { pause(); go(now.step - (event.shiftKey ? 10 : 1)); },
  ArrowRight: (event) => { pause(); go(now.step + (event.shiftKey ? 10 : 1)); },
  Home: () => go(0),
  End: () => go(lastStep()),
  n: () => jumpToEvent(1),
  p: () => jumpToEvent(-1),
  "+": () => setSpeed(SPEEDS.indexOf(now.speed) + 1),
  "=": () => setSpeed(SPEEDS.indexOf(now.speed) + 1),
  "-": () => setSpeed(SPEEDS.indexOf(now.speed) - 1),
  "[": () => showEpisode(now.episode - 1, 0),
  "]": () => showEpisode(now.episode + 1, 0),
  t: flipTheme,
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
  if (event.key === " " && event.target.tagName === "BUTTON") return;
  const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : null;
  if (!act) return;
  event.preventDefault();
  act(event);
}

/* ---- beginning ---- */

function listen() {
  const clicks = {
    first: () => go(0),
    "previous-event": () => jumpToEvent(-1),
    back: () => { pause(); go(now.step - 1); },
    play: toggle,
    forward: () => { pause(); go(now.step + 1); },
    "next-event": () => jumpToEvent(1),
    last: () => go(lastStep()),
    theme: flipTheme,
  };
  for (const [id, act] of Object.entries(clicks)) $(id).addEventListener("click", act);
  $("slider").addEventListener("input", () => { pause(); go(Number($("slider").value)); });
  $("picker").addEventListener("change", () => showEpisode(Number($("picker").value), 0));
  $("speed").addEventListener("change", () => setSpeed(SPEEDS.indexOf(Number($("speed").value))));
  document.addEventListener("keydown", onKey);
  const observer = new ResizeObserver(() => PANES.map((name) => $(`canvas-${name}`)).filter((canvas) => !canvas.hidden).forEach(fit));
  for (const name of PANES) observer.observe($(`canvas-${name}`).parentElement);
  window.addEventListener("hashchange", follow);
}

function choice(value, text) {
  const made = element("option", "", text);
  made.value = String(value);
  return made;
}

function pickerLine(one, at) {
  const sign = one.outcome ? (one.outcome.success ? "✓" : "✕") : "…";
  return choice(at, `${at + 1} ${sign} ${one.task} · seed ${one.seed}`);
}

function fail(error) {
  root.dataset.state = "failed";
  $("failure").hidden = false;
  $("failure").textContent = `This recording cannot be shown: ${error?.message ?? error}`;
}

async function begin() {
  if (!recording.episodes.length) throw new Error("it holds no episode");
  sheets = await decodeSheets(recording.sheets);
  $("picker").replaceChildren(...recording.episodes.map(pickerLine));
  $("picker-label").hidden = recording.episodes.length < 2;
  $("speed").replaceChildren(...SPEEDS.map((speed) => choice(speed, `${speed} steps/s`)));
  setSpeed(SPEEDS.indexOf(now.speed));
  listen();
  await follow();
  root.dataset.state = "ready";
}

window.addEventListener("error", (event) => fail(event.error ?? event.message));
window.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  fail(event.reason);
});
begin();

/* The page that lists failures. The data is JSON in #recording:
     meta            facts worth showing
     tasks[]         task, failed, played
     failures[]      task, seed, mission, cause, error, steps, repeated, instruction, last, page
   Words only ever become text nodes. The address says what is shown: #task=…&cause=…&words=… */

const $ = (id) => document.getElementById(id);
const root = document.documentElement;
const data = JSON.parse($("recording").textContent);

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const spaced = (text) => text.replaceAll("_", " ");
const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

function choices(select, all, names, label) {
  const option = (value, text) => Object.assign(element("option", "", text), { value });
  select.replaceChildren(option("", all), ...names.map((name) => option(name, label(name))));
}

function matches(failure, wanted) {
  const words = [failure.mission, failure.last, failure.instruction, String(failure.seed), failure.task].join(" ").toLowerCase();
  return (
    (!wanted.task || failure.task === wanted.task) &&
    (!wanted.cause || failure.cause === wanted.cause) &&
    wanted.words.toLowerCase().split(/\s+/).every((word) => words.includes(word))
  );
}

function row(failure) {
  const link = element("a", "", String(failure.seed));
  link.href = failure.page.split("/").map(encodeURIComponent).join("/");
  const last = element("td", "last", failure.last || (failure.instruction && `was told: ${failure.instruction}`));
  if (!failure.repeated) last.append(element("span", "otherwise", "went another way when it was played again"));
  return element(
    "tr", "",
    element("td", "", link),
    element("td", "", failure.mission || "–"),
    element("td", "", element("span", "cause", spaced(failure.cause))),
    element("td", "", String(failure.steps)),
    last,
  );
}

function group(task, failures) {
  const kept = data.failures.filter((failure) => failure.task === task.task).length;
  const share = `${task.failed} of ${counted(task.played, "episode")} failed` + (kept < task.failed ? `, ${kept} kept` : "");
  const headings = ["seed", "mission", "to blame", "steps", "what went wrong last"].map((text) => element("th", "", text));
  const table = element("table", "", element("thead", "", element("tr", "", ...headings)), element("tbody", "", ...failures.map(row)));
  return element("section", "card group", element("h2", "", task.task, element("span", "aside", share)), table);
}

function show() {
  const wanted = { task: $("task").value, cause: $("cause").value, words: $("words").value.trim() };
  const found = data.failures.filter((failure) => matches(failure, wanted));
  const groups = data.tasks
    .map((task) => [task, found.filter((failure) => failure.task === task.task)])
    .filter(([, failures]) => failures.length);
  $("groups").replaceChildren(...groups.map(([task, failures]) => group(task, failures)));
  $("count").textContent = `${counted(found.length, "failed episode")} of ${counted(groups.length, "task")} shown`;
  return wanted;
}

function remember() {
  const address = new URLSearchParams();
  for (const [key, value] of Object.entries(show())) if (value) address.set(key, value);
  try {
    history.replaceState(null, "", `#${address}`);
  } catch {
    /* Some browsers refuse this for local files; the page works without it. */
  }
}

function follow() {
  const address = new URLSearchParams(location.hash.slice(1));
  if (address.has("theme")) root.dataset.theme = address.get("theme") === "dark" ? "dark" : "light";
  for (const name of ["task", "cause", "words"]) $(name).value = address.get(name) ?? "";
  show();
}

function begin() {
  const failed = data.tasks.reduce((sum, task) => sum + task.failed, 0);
  const causes = [...new Set(data.failures.map((failure) => failure.cause))].sort();
  const named = data.tasks.filter((task) => data.failures.some((failure) => failure.task === task.task));
  $("title").textContent = failed ? `${counted(failed, "failed episode")}` : "No episode failed";
  $("facts").replaceChildren(...Object.entries(data.meta).map(([key, value]) => element("span", "", `${key} ${value}`)));
  choices($("task"), "all tasks", named.map((task) => task.task), (name) => name);
  choices($("cause"), "all causes", causes, spaced);
  for (const name of ["task", "cause", "words"]) $(name).addEventListener("input", remember);
  $("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  window.addEventListener("hashchange", follow);
  follow();
  root.dataset.state = "ready";
}

begin();

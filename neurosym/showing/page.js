"use strict";

// Pointing at a node of the graph leaves its own arcs and their ends; the rest steps back.

const picture = document.querySelector("svg.picture");
const nodes = new Map([...picture.querySelectorAll("[data-node]")].map((node) => [node.dataset.node, node]));
const arcs = [...picture.querySelectorAll("[data-from]")];

// Of a predicate: the operators that read or change it. Of an operator: all that it reads and changes.
function light(name) {
  const twin = name.replace(/^[rn]-/, (side) => (side === "r-" ? "n-" : "r-"));
  const mine = new Set([name, twin]);
  const lit = arcs.filter((arc) => mine.has(arc.dataset.from) || mine.has(arc.dataset.to));
  const ends = new Set([...mine, ...lit.flatMap((arc) => [arc.dataset.from, arc.dataset.to])]);
  arcs.forEach((arc) => arc.classList.toggle("lit", lit.includes(arc)));
  nodes.forEach((node, id) => node.classList.toggle("lit", ends.has(id)));
  picture.classList.add("looking");
}

function rest() {
  picture.classList.remove("looking");
  picture.querySelectorAll(".lit").forEach((element) => element.classList.remove("lit"));
}

nodes.forEach((node, name) => {
  node.setAttribute("tabindex", "0");
  for (const begin of ["pointerenter", "focus"]) node.addEventListener(begin, () => light(name));
  for (const end of ["pointerleave", "blur"]) node.addEventListener(end, rest);
});

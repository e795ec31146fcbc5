// The reference page of the gateway, made in the browser from its own openapi.json.
import { Description, baseOf } from "./description.js";
import { announce, h } from "./dom.js";
import { currentKey, keyDialog, onKey } from "./key.js";
import { drawer, fillNavigation, followReading, openFoldsOfLinks, reveal } from "./navigation.js";
import { reference } from "./reference.js";
import { search } from "./search.js";
import { trial } from "./trial.js";

const find = (id) => document.getElementById(id);
const content = find("content");

async function load() {
  let answer;
  try {
    answer = await fetch("openapi.json");
  } catch {
    throw new Error("The gateway did not answer. It may be stopped, or the network may be down.");
  }
  if (!answer.ok) throw new Error(`The gateway answered ${answer.status} to GET /openapi.json.`);
  return new Description(await answer.json(), baseOf(location));
}

function showFailure(error) {
  content.replaceChildren(h("section", { class: "failure", "aria-labelledby": "failure-title", role: "alert" },
    h("h1", { id: "failure-title" }, "The description could not be loaded"),
    h("p", {}, error.message),
    h("p", {}, "A gateway that has just started answers 503 until it has read its journal: ", h("a", { href: "health/ready" }, "/health/ready"),
      " says when it is ready. If it stays so, look into its log."),
    h("button", { class: "button primary", type: "button", on: { click: start } }, "Try again")));
}

function show(description) {
  const openKey = keyDialog();
  const sections = reference(description, { tryIt: trial(description), openKey });
  content.replaceChildren(...sections);
  fillNavigation(find("navigation"), description);
  followReading(find("navigation"), [...content.querySelectorAll("[data-spy]")]);
  search(description, { input: find("search"), box: find("hits-box"), list: find("hits"), none: find("no-hits") });
  find("key-button").disabled = false;
  find("key-button").addEventListener("click", openKey);
  onKey(() => {
    find("key-state").textContent = currentKey() ? "API key set" : "Set API key";
    find("key-button").classList.toggle("is-set", Boolean(currentKey()));
  });
  openFoldsOfLinks();
  reveal(location.hash);
  announce("The reference is loaded.");
}

async function start() {
  content.setAttribute("aria-busy", "true");
  try {
    show(await load());
  } catch (error) {
    showFailure(error);
  }
  content.removeAttribute("aria-busy");
}

drawer(find("menu"), find("navigation"), find("shade"), content);
start();

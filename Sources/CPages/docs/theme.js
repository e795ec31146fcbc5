// Runs before the page is painted, so that it never flashes in the wrong colors.
"use strict";

const theme = {
  key: "switchboard-docs-theme",
  choices: ["system", "light", "dark"],
  names: { system: "as the system", light: "light", dark: "dark" },

  get current() {
    try {
      const kept = localStorage.getItem(this.key);
      return this.choices.includes(kept) ? kept : "system";
    } catch {
      return document.documentElement.dataset.theme ?? "system";
    }
  },

  set current(choice) {
    document.documentElement.dataset.theme = choice;
    try {
      localStorage.setItem(this.key, choice);
    } catch {
      // A browser that keeps nothing: the choice lasts as long as the page.
    }
  },
};

document.documentElement.dataset.theme = theme.current;

document.addEventListener("DOMContentLoaded", () => {
  const button = document.getElementById("theme");
  const show = () => button.setAttribute("aria-label", `Colors: ${theme.names[document.documentElement.dataset.theme]}`);
  show();
  button.addEventListener("click", () => {
    const next = (theme.choices.indexOf(document.documentElement.dataset.theme) + 1) % theme.choices.length;
    theme.current = theme.choices[next];
    show();
  });
});

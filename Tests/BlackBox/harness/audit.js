// What a reader without a mouse, without eyes, or with weak ones needs of a page. Returns its faults in words.
() => {
  const faults = [];
  const say = (element, fault) => {
    const html = element.outerHTML.replace(/\s+/g, " ").slice(0, 90);
    faults.push(`${fault}: ${html}`);
  };
  const all = (selector) => [...document.querySelectorAll(selector)];
  const modal = document.querySelector("dialog:modal");
  const isVisible = (element) =>
    element.checkVisibility({ opacityProperty: false, visibilityProperty: true }) && (!modal || modal.contains(element));
  const textOf = (element) => (element?.textContent ?? "").replace(/\s+/g, " ").trim();
  const byIDs = (ids) => ids.split(/\s+/).map((id) => textOf(document.getElementById(id))).join(" ").trim();

  const nameOf = (element) => {
    if (element.getAttribute("aria-labelledby")) return byIDs(element.getAttribute("aria-labelledby"));
    if (element.getAttribute("aria-label")) return element.getAttribute("aria-label").trim();
    if (element.labels?.length) return [...element.labels].map(textOf).join(" ").trim();
    if (element.matches("input, select, textarea")) return "";
    const shown = element.cloneNode(true);
    shown.querySelectorAll("[aria-hidden=true]").forEach((hidden) => hidden.remove());
    return textOf(shown) || element.getAttribute("title") || "";
  };

  // Names.
  const controls = "a[href], button, input, select, textarea, summary, [role=tab], [role=option], [role=listbox], [tabindex='0']";
  for (const element of all(controls).filter(isVisible)) if (!nameOf(element)) say(element, "a control without a name");
  for (const element of all("dialog[open], nav, [role=search] input, [role=tabpanel], [role=listbox], section[id]")) {
    if (!nameOf(element) || !(element.hasAttribute("aria-label") || element.hasAttribute("aria-labelledby"))) say(element, "a region without a name");
  }
  for (const element of all("img, svg")) if (element.getAttribute("aria-hidden") !== "true" && !nameOf(element)) say(element, "a picture without a name");
  for (const element of all("[tabindex]")) if (element.tabIndex > 0) say(element, "a tabindex of its own order");
  for (const element of all("[aria-hidden=true]")) if (element.querySelector("a[href], button, input, select, textarea")) say(element, "a hidden control");

  // References and ids.
  const ids = all("[id]").map((element) => element.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`the id ${id} stands twice`);
  for (const attribute of ["aria-controls", "aria-labelledby", "aria-describedby", "aria-activedescendant", "for"]) {
    for (const element of all(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\s+/)) {
        if (!document.getElementById(id)) say(element, `${attribute} leads nowhere`);
      }
    }
  }
  for (const link of all("a[href^='#']")) {
    if (!document.getElementById(decodeURIComponent(link.getAttribute("href").slice(1)))) say(link, "a link leads nowhere");
  }

  // Structure.
  if (!document.documentElement.lang) faults.push("the page has no language");
  if (!document.title) faults.push("the page has no title");
  for (const [landmark, selector] of [["main", "main"], ["banner", "body > header"], ["navigation", "nav"], ["search", "[role=search]"]]) {
    if (all(selector).length !== 1) faults.push(`${all(selector).length} landmarks: ${landmark}`);
  }
  let level = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6").filter((heading) => !heading.closest("dialog"))) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) say(heading, `a heading of level ${own} after one of level ${level}`);
    level = own;
  }
  if (all("h1").length !== 1) faults.push(`${all("h1").length} headings of level 1`);

  // Contrast: of each text that is shown with what stands behind it.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const rgba = (color) => {
    if (!known.has(color)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(color, [r, g, b, a / 255]);
    }
    return known.get(color);
  };
  const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3])).concat(1);
  const behind = (element) => {
    const layers = [];
    for (let box = element; box; box = box.parentElement) {
      const layer = rgba(getComputedStyle(box).backgroundColor);
      if (layer[3] > 0) layers.push(layer);
      if (layer[3] === 1 || box.matches("dialog")) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const light = ([r, g, b]) => {
    const [red, green, blue] = [r, g, b].map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  let measured = 0;
  const seen = new Set();
  const texts = document.createTreeWalker(modal ?? document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.matches("script, style, option, .visually-hidden, .skip, noscript") || !isVisible(element)) continue;
    const style = getComputedStyle(element);
    const back = behind(element);
    const [fore] = [over(rgba(style.color), back)];
    measured += 1;
    const key = `${fore} ${back} ${style.fontSize}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const [bright, dark] = [light(fore), light(back)].sort((a, b) => b - a);
    const ratio = (bright + 0.05) / (dark + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) say(element, `a contrast of ${ratio.toFixed(2)}`);
  }
  if (measured < 10) faults.push(`only ${measured} texts were measured`);

  // Targets that a finger can hit; a link in running text is exempt.
  for (const element of all("button, input, select, summary, [role=tab]").filter(isVisible)) {
    const { width, height } = element.getBoundingClientRect();
    if (width < 24 || height < 24) say(element, `a target of ${Math.round(width)} × ${Math.round(height)}`);
  }
  return faults;
}

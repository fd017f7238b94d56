// Looks at the page that stands, with all that can be opened on it, and returns
// what is wrong with it, as texts.
(() => {
  const wrong = [];
  const closed = [...document.querySelectorAll("main details:not([open])")];
  for (const e of closed) e.open = true;
  const name = (e) => e.outerHTML.slice(0, 90).replace(/\s+/g, " ");

  // Nothing is wider than the screen.
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) {
    const wide = [...document.querySelectorAll("main *, header *")].filter((e) => e.getBoundingClientRect().right > width + 1);
    wrong.push(`wider than the screen, ${document.documentElement.scrollWidth} > ${width}: ` + wide.slice(0, 4).map(name).join(" | "));
  }

  // A cell holds what stands in it, and short words in it are not broken.
  for (const e of document.querySelectorAll("main th, main td")) {
    if (!e.checkVisibility() || e.closest("thead")?.getBoundingClientRect().height <= 1) continue;
    if (e.scrollWidth > e.clientWidth + 1) wrong.push("a cell that is too narrow: " + name(e));
    const text = e.childNodes.length === 1 && e.firstChild.nodeType === 3 ? e.textContent : "";
    if (!/^[^\s\-\/]{2,9}$/.test(text)) continue;
    const range = document.createRange();
    range.selectNodeContents(e);
    if (range.getClientRects().length > 1) wrong.push("broken in the middle: " + name(e));
  }

  // What stands on a card does not stick out of it.
  for (const e of document.querySelectorAll("main .card, main .qsl")) {
    if (e.scrollWidth > e.clientWidth + 1) wrong.push(`sticks out of its card, ${e.scrollWidth} > ${e.clientWidth}: ` + name(e));
  }

  // A menu opens inside the screen.
  for (const e of document.querySelectorAll("header details")) {
    e.open = true;
    const box = e.querySelector("ul").getBoundingClientRect();
    if (box.left < 0 || box.right > width) wrong.push(`a menu from ${Math.round(box.left)} to ${Math.round(box.right)}: ` + name(e));
    e.open = false;
  }

  // Every field, link and button has a name; ids are there once; one heading of the first rank.
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!e.labels?.length && !e.ariaLabel) wrong.push("a field without a name: " + name(e));
  }
  for (const e of document.querySelectorAll("a, button, summary")) {
    if (!e.textContent.trim() && !e.ariaLabel && !e.closest("svg")) wrong.push("a link or button without a name: " + name(e));
  }
  const ids = new Set();
  for (const e of document.querySelectorAll("[id]")) {
    if (ids.has(e.id)) wrong.push("an id that is there twice: " + e.id);
    ids.add(e.id);
  }
  for (const e of document.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
    for (const id of (e.getAttribute("aria-describedby") ?? e.getAttribute("aria-labelledby")).split(" ")) {
      if (!ids.has(id)) wrong.push(`${id} describes an element, but is not there`);
    }
  }
  const ranks = document.querySelectorAll("h1").length;
  if (ranks !== 1) wrong.push(`${ranks} headings of the first rank`);
  for (const e of document.querySelectorAll("table")) {
    if (!e.querySelector("th")) wrong.push("a table without headings: " + name(e));
  }

  // What scrolls can be reached by the keyboard (WCAG 2.1.1).
  for (const e of document.querySelectorAll("main .scroll")) {
    if (e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0 && !e.querySelector("a, button, input")) wrong.push("scrolls, but not by keyboard: " + name(e));
  }

  // What is tapped is large enough, or has room around it (WCAG 2.5.8); links in text are free.
  for (const e of document.querySelectorAll("button, .button, nav a, summary, input[type=checkbox], select")) {
    const box = e.getBoundingClientRect();
    if (box.width && box.height && (box.width < 24 || box.height < 24) && !e.closest("label")?.textContent.trim() && !e.closest("td")) {
      wrong.push(`${Math.round(box.width)}x${Math.round(box.height)} is small for a finger: ` + name(e));
    }
  }

  // Text stands out from what is behind it (WCAG 1.4.3).
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const rgba = (colour) => {
    if (!known.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const behind = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const light = (c) => c.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const seen = new Set();
  for (const e of document.querySelectorAll("body *")) {
    if (e.closest("title, desc, option, .sr, .skip, :disabled, template, noscript, script")) continue;
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const style = getComputedStyle(e), drawn = e instanceof SVGElement;
    let ground = behind(drawn ? e.ownerSVGElement : e);
    const shape = drawn ? e.previousElementSibling : null;
    if (shape?.matches("circle, rect, path")) {
      const fill = rgba(getComputedStyle(shape).fill);
      ground = over([...fill.slice(0, 3), fill[3] * Number(getComputedStyle(shape).fillOpacity)], ground);
    }
    const ink = over(rgba(drawn ? style.fill : style.color), ground);
    const [a, b] = [light(ink), light(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize), large = !drawn && (size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700));
    const key = [e.className.baseVal ?? e.className, e.tagName, ink, ground].join();
    if (ratio < (large ? 3 : 4.5) && !seen.has(key)) {
      seen.add(key);
      wrong.push(`${ratio.toFixed(2)} to 1: ` + name(e));
    }
  }
  for (const e of closed) e.open = false;
  return wrong;
})()

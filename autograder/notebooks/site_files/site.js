// The book's search, its light and dark look, and what print and keyboard need. No library.
"use strict";

(() => {
  const root = document.documentElement;
  const field = document.getElementById("search");
  const list = document.getElementById("found");
  const here = document.currentScript?.src ?? document.querySelector("script[src$='site.js']").src;
  const MOST = 20;

  // --- light or dark: as the system says, until somebody chooses
  const store = {
    get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("theme", value); } catch { /* a file may not */ } },
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  if (store.get()) root.dataset.theme = store.get();
  const button = document.querySelector("button.theme");
  button.hidden = false;
  button.addEventListener("click", () => {
    const now = root.dataset.theme ?? (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    store.set(root.dataset.theme);
  });

  // --- search: every word that is typed must begin a word of the section; titles count most
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = (word) =>
    new RegExp(/\p{Script=Han}/u.test(word) ? escaped(word)
      : `(?<![\\p{L}\\p{N}])${escaped(word)}`, "gu");
  const count = (text, word) => (text.match(word) ?? []).length;
  let sections = null;

  function load() {
    if (sections) return Promise.resolve();
    return new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = new URL("search-index.js", here);
      script.onload = () => {
        sections = window.SEARCH_INDEX.map(([page, anchor, chapter, title, text]) =>
          ({ page, anchor, chapter, title, text, inTitle: plain(title), inText: plain(text) }));
        resolve();
      };
      document.head.append(script);
    });
  }

  function find(query) {
    const words = plain(query).split(/\s+/).filter(Boolean).map(pattern);
    if (!words.length) return [];
    return sections
      .map((section) => ({ section, score: words.reduce((sum, word) => {
        const score = 8 * count(section.inTitle, word) + Math.min(6, count(section.inText, word));
        return score ? sum + score : -Infinity;
      }, 0) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, MOST)
      .map(({ section }) => ({ section, excerpt: excerpt(section, words[0]) }));
  }

  function excerpt({ text, inText }, word) {
    const at = Math.max(0, inText.search(word));
    const start = at < 40 ? 0 : text.indexOf(" ", at - 40) + 1;
    const more = start + 140 < text.length;
    const cut = text.slice(start, start + 140).replace(more ? /\s\S*$/ : "", "");
    return (start ? "… " : "") + cut + (more ? " …" : "");
  }

  function show(results) {
    list.replaceChildren(...results.map(({ section, excerpt: words }) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      const title = document.createElement("strong");
      const place = document.createElement("small");
      const quote = document.createElement("span");
      link.href = `${section.page}#${section.anchor}`;
      title.textContent = section.title;
      place.textContent = section.chapter === section.title ? "" : section.chapter;
      quote.textContent = words;
      link.append(title, " ", place, quote);
      item.append(link);
      return item;
    }));
    if (!results.length) {
      const item = document.createElement("li");
      item.className = "nothing";
      item.textContent = field.dataset.nothing;
      list.append(item);
    }
    list.hidden = false;
  }

  const close = () => { list.hidden = true; };
  async function search() {
    await load();
    if (field.value.trim()) show(find(field.value)); else close();
  }
  field.addEventListener("focus", load, { once: true });
  field.addEventListener("input", search);
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
  list.addEventListener("click", close);
  document.addEventListener("click", (event) => { if (!field.form.contains(event.target)) close(); });
  document.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") { close(); return; }
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      field.focus();
    }
    if (list.hidden || !field.form.contains(document.activeElement)) return;
    if (event.key === "ArrowDown") { event.preventDefault(); links[at + 1]?.focus(); }
    if (event.key === "ArrowUp") { event.preventDefault(); (links[at - 1] ?? field).focus(); }
  });

  // --- the contents are folded on a narrow screen
  if (matchMedia("(max-width: 70rem)").matches) {
    document.querySelectorAll("nav.contents details").forEach((part) => { part.open = false; });
  }

  // --- what scrolls sideways can be reached by the keyboard
  const reach = () => document.querySelectorAll("pre, figure, .formula, .table").forEach((part) => {
    if (part.scrollWidth > part.clientWidth + 1) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  });
  addEventListener("load", reach);
  addEventListener("resize", reach);

  // --- on paper every solution is open
  const closed = () => document.querySelectorAll("article details:not([open])");
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...closed()];
    opened.forEach((part) => { part.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((part) => { part.open = false; }));
})();

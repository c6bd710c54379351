"use strict";
/* Builds the diff of a file when it is opened, puts its findings in place, filters. Text is only ever set as text. */
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.words;
  const files = [...document.querySelectorAll("details.file")];
  const cards = [...document.querySelectorAll("article.finding")];
  const narrow = matchMedia("(max-width: 60rem)");
  let split = false;

  const make = (tag, kind, text) => {
    const node = document.createElement(tag);
    if (kind) node.className = kind;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  const numbered = (hunk) => {
    let [oldNumber, newNumber] = hunk;
    return hunk[3].map((line) => {
      const kind = line[0];
      const row = { kind, text: line.slice(1), old: null, new: null };
      if (kind !== "+") row.old = oldNumber++;
      if (kind !== "-") row.new = newNumber++;
      return row;
    });
  };

  const gutter = (number, old) => {
    const cell = make("td", "number", number === null ? "" : String(number));
    if (number !== null) cell.setAttribute("aria-label", (old ? words.oldLine : words.line).replace("{line}", number));
    return cell;
  };
  const code = (row, side) => {
    const kind = row === null ? "none" : row.kind === "+" ? "added" : row.kind === "-" ? "removed" : "same";
    const cell = make("td", "code " + kind + (side ? " " + side : ""));
    if (row !== null) {
      cell.append(make("span", "mark", row.kind), document.createTextNode(row.text || " "));
    }
    return cell;
  };

  const pairs = (rows) => {
    const out = [];
    let at = 0;
    while (at < rows.length) {
      if (rows[at].kind === " ") { out.push([rows[at], rows[at]]); at++; continue; }
      const removed = [], added = [];
      while (at < rows.length && rows[at].kind === "-") removed.push(rows[at++]);
      while (at < rows.length && rows[at].kind === "+") added.push(rows[at++]);
      for (let i = 0; i < Math.max(removed.length, added.length); i++) {
        out.push([removed[i] || null, added[i] || null]);
      }
    }
    return out;
  };

  const build = (file) => {
    const holder = file.querySelector(".diff");
    const own = [...file.querySelectorAll("article.finding")];
    const loose = file.querySelector(".loose");
    loose.append(...own);
    holder.replaceChildren();
    const hunks = data.files[file.dataset.index];
    if (!hunks) return;
    const wanted = own.map((card) => ({
      card, old: card.dataset.side === "LEFT", start: Number(card.dataset.start), end: Number(card.dataset.end), last: null,
    }));
    const table = make("table", split ? "split" : "unified");
    const body = make("tbody");
    table.append(body);
    const width = 4 - (split ? 0 : 1);
    for (const hunk of hunks) {
      const head = make("tr", "hunk");
      const cell = make("td", "", `@@ -${hunk[0]} +${hunk[1]} @@ ${hunk[2]}`);
      cell.colSpan = width;
      head.append(cell);
      body.append(head);
      const lines = numbered(hunk);
      const rows = split ? pairs(lines) : lines.map((line) => [line, line]);
      for (const [left, right] of rows) {
        const row = make("tr");
        if (split) {
          row.append(gutter(left && left.old, true), code(left, "left"), gutter(right && right.new, false), code(right, "right"));
        } else {
          row.append(gutter(left.old, true), gutter(left.new, false), code(left));
        }
        for (const want of wanted) {
          const line = want.old ? left && left.old : right && right.new;
          if (line === null || line === undefined || line < want.start || line > want.end) continue;
          if (!split && want.old && left.kind === "+") continue;
          row.classList.add("hit", want.card.dataset.severity);
          want.last = row;
        }
        body.append(row);
      }
    }
    for (const want of wanted) {
      if (!want.last) continue;
      const row = make("tr", "comment");
      const cell = make("td");
      cell.colSpan = width;
      cell.append(want.card);
      row.append(cell);
      let after = want.last;
      while (after.nextSibling && after.nextSibling.classList.contains("comment")) after = after.nextSibling;
      after.after(row);
      want.card.classList.add("placed");
    }
    holder.append(table);
    file.dataset.built = "yes";
    arrange(file);
  };

  /* A row whose only card is filtered out is hidden with it. */
  const arrange = (file) => {
    for (const row of file.querySelectorAll("tr.comment")) row.hidden = row.querySelector("article").hidden;
  };

  const opened = (file) => { if (file.open && !file.dataset.built) build(file); };
  for (const file of files) file.addEventListener("toggle", () => opened(file));

  const chosen = (name) => [...document.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value);
  const text = document.getElementById("search");
  const only = document.getElementById("only-file");
  const status = document.getElementById("shown");
  const filter = () => {
    const severities = chosen("severity"), categories = chosen("category");
    const needle = text.value.trim().toLowerCase();
    const active = needle || only.value || document.querySelector("fieldset input:not(:checked)");
    let shown = 0;
    for (const card of cards) {
      const match = severities.includes(card.dataset.severity) && categories.includes(card.dataset.category)
        && (!only.value || card.dataset.path === only.value) && (!needle || card.textContent.toLowerCase().includes(needle)
        || card.dataset.path.toLowerCase().includes(needle));
      card.hidden = !match;
      if (match) shown++;
    }
    for (const file of files) {
      const own = file.querySelectorAll("article.finding");
      const some = [...own].some((card) => !card.hidden);
      file.hidden = Boolean(active) && !some && !(only.value && file.dataset.path === only.value);
      if (active && some && !file.open && files.length < 60) file.open = true;
      arrange(file);
    }
    for (const link of document.querySelectorAll("nav a[data-file]")) {
      link.parentElement.hidden = document.getElementById(link.dataset.file).hidden;
    }
    status.textContent = words.shown.replace("{shown}", shown).replace("{all}", cards.length);
    document.getElementById("nothing").hidden = shown > 0 || cards.length === 0;
  };
  for (const input of document.querySelectorAll("fieldset input")) input.addEventListener("change", filter);
  text.addEventListener("input", filter);
  only.addEventListener("change", filter);
  document.getElementById("reset").addEventListener("click", () => {
    for (const input of document.querySelectorAll("fieldset input")) input.checked = true;
    text.value = "";
    only.value = "";
    filter();
  });

  for (const button of document.querySelectorAll("button[data-view]")) {
    button.addEventListener("click", () => {
      split = button.dataset.view === "split";
      for (const other of document.querySelectorAll("button[data-view]")) {
        other.setAttribute("aria-pressed", String(other === button));
      }
      for (const file of files) {
        delete file.dataset.built;
        if (file.open) build(file);
      }
    });
  }
  const themes = ["auto", "light", "dark"];
  const theme = document.getElementById("theme");
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme || "auto") + 1) % 3];
    document.documentElement.dataset.theme = next;
    theme.textContent = words.themes[themes.indexOf(next)];
  });
  const all = (open) => () => { for (const file of files) if (!file.hidden) file.open = open; };
  document.getElementById("expand").addEventListener("click", all(true));
  document.getElementById("collapse").addEventListener("click", all(false));

  const show = (card) => {
    const file = card.closest("details.file");
    if (file) { file.open = true; opened(file); }
    card.scrollIntoView({ block: "center" });
    card.focus({ preventScroll: true });
  };
  const follow = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.matches("details.file")) { target.open = true; opened(target); }
    if (target.matches("article.finding")) show(target);
  };
  addEventListener("hashchange", follow);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(input|select|textarea)$/i.test(event.target.tagName)) return;
    if (event.key !== "j" && event.key !== "k") return;
    const visible = cards.filter((card) => !card.hidden);
    const at = visible.indexOf(document.activeElement.closest("article.finding"));
    const next = visible[event.key === "j" ? at + 1 : at - 1];
    if (next) show(next);
  });

  document.documentElement.classList.add("js");
  for (const file of files) opened(file);
  filter();
  follow();
})();

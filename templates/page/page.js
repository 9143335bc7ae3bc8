"use strict";
// The page's own program: tabs, light and dark, sorting, filtering, and the charts. Without it all of the page shows.
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const data = JSON.parse(document.getElementById("data").textContent);

  // Light and dark: the system's choice until a person makes one.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = document.querySelector(".theme");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const nameTheme = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  theme.hidden = false;
  theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; nameTheme(); });
  dark.addEventListener("change", nameTheme);
  nameTheme();

  // Tabs, as the ARIA Authoring Practices have them: arrows, Home and End move, and the address remembers.
  const list = document.querySelector(".tabs");
  const panels = all(".panel");
  const tabs = panels.map((panel) => {
    const tab = document.createElement("button");
    Object.assign(tab, { type: "button", id: `${panel.id}-tab`, textContent: panel.querySelector(".title").textContent });
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    tab.addEventListener("click", () => open(panel.id, true));
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    list.append(tab);
    return tab;
  });
  function open(name, remember) {
    const index = Math.max(0, panels.findIndex((panel) => panel.id === name));
    panels.forEach((panel, place) => panel.classList.toggle("open", place === index));
    tabs.forEach((tab, place) => {
      tab.setAttribute("aria-selected", place === index);
      tab.tabIndex = place === index ? 0 : -1;
    });
    if (remember) history.replaceState(null, "", `#${panels[index].id}`);
  }
  list.addEventListener("keydown", (event) => {
    const here = tabs.indexOf(document.activeElement);
    const moves = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: tabs.length - 1 };
    if (!(event.key in moves) || here < 0) return;
    event.preventDefault();
    const next = tabs[(moves[event.key] + tabs.length) % tabs.length];
    next.focus();
    next.click();
  });
  addEventListener("hashchange", () => open(location.hash.slice(1), false));
  list.hidden = panels.length < 2;
  if (panels.length) {
    root.classList.add("tabbed");
    open(location.hash.slice(1), false);
  }

  // Sorting: numbers by data-sort, which stands where a text holds one; what has none comes last.
  const key = (row, column) => {
    const cell = row.cells[column];
    return "sort" in cell.dataset ? Number(cell.dataset.sort) : cell.textContent.trim();
  };
  const compare = (a, b) => {
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
  };
  function sort(table, head, column) {
    const up = head.getAttribute("aria-sort") !== "ascending";
    all("th", table).forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const rows = [...table.tBodies[0].rows].map((row) => [key(row, column), row]);
    rows.sort(([a], [b]) => (typeof a !== typeof b || up ? compare(a, b) : compare(b, a)));
    table.tBodies[0].append(...rows.map(([, row]) => row));
  }
  all("table").forEach((table) => {
    if (table.tBodies[0].rows.length < 2) return;
    all("thead th", table).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, head, column));
    });
  });

  // Filtering: a row stays that holds every word.
  all(".filter").forEach((box) => {
    const input = box.querySelector("input");
    const rows = [...document.getElementById(input.dataset.table).tBodies[0].rows];
    const status = box.querySelector("[role=status]");
    box.hidden = false;
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      rows.forEach((row) => { row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word)); });
      const left = rows.filter((row) => !row.hidden).length;
      status.textContent = words.length ? `${left} of ${rows.length}` : "";
    });
  });

  // The library that draws lies packed in the page: unpacked it is a script whose hash the page's policy knows.
  async function unpack() {
    if (!("DecompressionStream" in window)) throw new Error("this browser is older than 2023 and cannot unpack what draws it");
    const packed = Uint8Array.from(atob(document.getElementById("library").textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script); // which runs it
    script.remove();
    return vegaEmbed;
  }
  const library = unpack();
  window.edgewright = { library }; // for what follows a build

  // Charts: colours are the style sheet's, so nothing is drawn anew for light, dark or paper.
  const options = { actions: false, ast: true, config: data.config, renderer: "svg", tooltip: { theme: "custom", disableDefaultStyle: true } };
  async function draw(place) {
    const spec = JSON.parse(JSON.stringify(data.charts[place.dataset.chart]));
    const several = Boolean(spec.vconcat);
    if (several) spec.vconcat.forEach((part) => { part.width = Math.max(120, place.clientWidth - 70); });
    const embed = await library;
    const { view } = await embed(place, spec, options);
    const select = place.closest("figure").querySelector("select");
    if (!select) return;
    select.closest(".choice").hidden = false;
    select.addEventListener("change", () => view.signal(select.dataset.parameter, select.value).runAsync());
  }
  const drawn = all(".plot").map((place) => draw(place).catch((error) => {
    place.textContent = `This chart could not be drawn: ${error.message}`;
    console.error(error);
  }));
  Promise.all(drawn).then(() => { root.dataset.drawn = "yes"; });
})();

"use strict";
// The build that runs, as the server tells of it. What it tells is text: it is put into the page as that and nothing else.
(() => {
  const at = (name) => document.getElementById(`live-${name}`);
  const data = JSON.parse(document.getElementById("data").textContent);
  const options = { actions: false, ast: true, config: data.config, renderer: "svg", tooltip: { theme: "custom", disableDefaultStyle: true } };
  const shown = new Map(); // trainings that have a place, by their number
  let state = null, ahead = 0, ran = false;

  const made = (tag, text = "", name = "") => Object.assign(document.createElement(tag), { textContent: text, className: name });
  function duration(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    if (hours) return `${hours} h ${minutes} min`;
    return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
  }

  const WORDS = { none: "No build has run here yet: start one with scons.", runs: "Building", done: "The last build is done",
    failed: "The last build failed", stopped: "The last build was stopped" };
  const STAGES = { waiting: "to come", runs: "runs", done: "done", failed: "failed", kept: "up to date" };
  const KINDS = { done: "good", failed: "bad", stopped: "bad" };
  const now = () => Date.now() / 1000 + ahead;

  function head() {
    const line = at("state");
    line.className = KINDS[state.state] || "";
    const parts = [WORDS[state.state]];
    if (state.command) parts.push(state.command);
    line.textContent = parts.join(": ");
    if (state.state === "none") return;
    const over = state.stages.filter((stage) => ["done", "failed", "kept"].includes(stage.state)).length;
    const whole = state.stages.length, bar = at("bar");
    const full = state.state === "done" ? whole : over; // what is left when all went well had nothing to do
    bar.hidden = state.state !== "runs" || !whole;
    bar.setAttribute("aria-valuemax", whole);
    bar.setAttribute("aria-valuenow", full);
    bar.setAttribute("aria-valuetext", `${full} of ${whole} stages`);
    bar.firstElementChild.style.width = `${100 * full / (whole || 1)}%`;
  }

  function time() { // of what runs; anew each second
    if (!state || state.state === "none") return;
    const running = state.stages.filter((stage) => stage.state === "runs");
    const failed = state.stages.filter((stage) => stage.state === "failed");
    const live = state.state === "runs";
    const took = duration((live ? now() : state.ended) - state.began);
    const full = Number(at("bar").getAttribute("aria-valuenow"));
    const parts = live ? [`${full} of ${state.stages.length} stages in ${took}`] : [`${took} in all`];
    if (live) parts.push(...running.map((stage) => `${stage.title} (${duration(now() - stage.began)})`));
    parts.push(...failed.map((stage) => `failed: ${stage.title}`));
    at("stage").textContent = parts.join(" · ");
  }

  function stages() {
    at("details").hidden = !state.stages.length;
    at("stages").replaceChildren(...state.stages.map((stage) => {
      const row = made("li", stage.title);
      const took = "ended" in stage ? `, ${duration(stage.ended - stage.began)}` : "";
      const word = stage.state === "waiting" && state.state !== "runs" ? "not run" : STAGES[stage.state];
      row.append(made("small", ` ${word}${took}`, stage.state === "failed" ? "bad" : ""));
      return row;
    }));
  }

  // Trainings: a line and a chart a figure, whose rows are put in as they come.
  const figures = (training) => [...new Set(training.rows.flatMap((row) => Object.keys(row)))]
    .filter((name) => name !== "epoch").map((name) => name.replace(/^val_/, ""))
    .filter((name, place, all) => all.indexOf(name) === place).sort((a, b) => (a === "loss") - (b === "loss"));
  const points = (training, name) => training.rows.flatMap((row) => [[name, "training"], [`val_${name}`, "validation"]]
    .filter(([key]) => key in row).map(([key, kind]) => ({ epoch: row.epoch, value: row[key], data: kind })));

  function place(training) {
    const box = made("div", "", "training"), line = made("p", "", "note"), charts = made("div", "", "parts");
    box.append(made("h3", training.title), line, charts);
    at("trainings").prepend(box); // the newest first
    return { box, line, charts, views: new Map() };
  }
  function chart(training, mine, name) {
    const rows = points(training, name);
    const share = name === "accuracy" && rows.every((row) => row.value >= 0 && row.value <= 1);
    const spec = JSON.parse(JSON.stringify(data.live[share ? "share" : "number"]));
    spec.encoding.y.title = name.replace(/_/g, " ");
    const step = Math.ceil(training.epochs / 10), ticks = Array.from({ length: training.epochs }, (_, place) => place + 1);
    spec.encoding.x.axis.values = ticks.filter((tick) => (tick - 1) % step === 0);
    if (training.epochs > 1) spec.encoding.x.scale.domain = [1, training.epochs];
    spec.data.values = rows;
    const figure = made("figure", "", "half"), plot = made("div", "", "plot");
    plot.setAttribute("role", "img");
    plot.setAttribute("aria-label", `Chart: ${training.title}, ${name.replace(/_/g, " ")} by epoch.`);
    figure.append(plot);
    mine.charts.append(figure);
    return window.edgewright.library.then((embed) => embed(plot, spec, options)).then(({ view }) => view);
  }
  function told(training) {
    const last = training.rows[training.rows.length - 1];
    const parts = [`epoch ${last ? last.epoch : 0} of ${training.epochs}`];
    if (training.step) parts.push(`step ${training.step} of ${training.steps}`);
    if (last) parts.push(...Object.entries(last).filter(([name]) => name !== "epoch").map(([name, value]) =>
      `${name.replace(/^val_/, "validation ").replace(/_/g, " ")} ${Number(value.toPrecision(4))}`));
    return parts.join(", ");
  }
  function trainings() {
    if (state.trainings.length < shown.size) { // another build has begun
      at("trainings").replaceChildren();
      shown.clear();
    }
    state.trainings.forEach((training, number) => {
      if (!shown.has(number)) shown.set(number, place(training));
      const mine = shown.get(number);
      mine.box.querySelector("h3").textContent = training.title;
      mine.line.textContent = told(training);
      figures(training).forEach((name) => {
        if (!mine.views.has(name)) mine.views.set(name, chart(training, mine, name));
        else mine.views.get(name).then((view) => view.data("live", points(training, name)).runAsync());
      });
    });
  }

  function show(found) {
    if (state && found.began !== state.began) { at("trainings").replaceChildren(); shown.clear(); }
    state = found;
    ahead = found.now - Date.now() / 1000;
    [head, time, stages, trainings].forEach((part) => part());
    if (ran && state.state !== "runs" && !document.querySelector("input[type=search]:focus")) location.reload();
    ran = state.state === "runs";
    document.documentElement.dataset.live = state.state;
  }

  const events = new EventSource("events");
  events.addEventListener("message", (message) => show(JSON.parse(message.data)));
  events.addEventListener("error", () => {
    at("state").textContent = "The server does not answer; this page asks again by itself.";
    at("state").className = "bad";
  });
  setInterval(time, 1000);
})();

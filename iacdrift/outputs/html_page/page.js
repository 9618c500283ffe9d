
"use strict";
(() => {
  const one = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const say = (text) => { one("said").textContent = text; };

  // Colours: as the system, light, dark. A file opened from disk may have no storage.
  const COLOURS = ["", "light", "dark"];
  const stored = () => { try { return localStorage.getItem("iacdrift-colours") ?? ""; } catch { return ""; } };
  const colour = (name) => {
    if (name) document.documentElement.dataset.colours = name; else delete document.documentElement.dataset.colours;
    one("colours").textContent = `Colours: ${name || "as the system"}`;
    try { localStorage.setItem("iacdrift-colours", name); } catch { /* it lasts as long as the page */ }
  };
  colour(COLOURS.includes(stored()) ? stored() : "");
  one("colours").addEventListener("click", () => {
    const now = document.documentElement.dataset.colours ?? "";
    colour(COLOURS[(COLOURS.indexOf(now) + 1) % COLOURS.length]);
  });

  // Filters. What a finding says is read once, when somebody searches.
  const texts = new WeakMap();
  const text = (card) => {
    if (!texts.has(card)) texts.set(card, `${card.textContent} ${card.id}`.toLowerCase());
    return texts.get(card);
  };
  const chosen = () => ({
    words: one("search").value.toLowerCase().split(/\s+/).filter(Boolean),
    severities: new Set(all("[name=severity]:checked").map((box) => box.value)),
    kind: one("kind").value,
    host: one("host").value,
  });
  const filter = () => {
    if (!one("search")) return;
    const want = chosen();
    const cards = all(".finding");
    let shown = 0;
    for (const card of cards) {
      const has = card.dataset;
      const fits = want.severities.has(has.severity) && (!want.kind || want.kind === has.kind) && (!want.host || want.host === has.host)
        && want.words.every((word) => text(card).includes(word));
      card.hidden = !fits;
      shown += fits;
    }
    one("matching").textContent = `${shown} of ${cards.length}`;
    one("nothing").hidden = shown > 0;
  };
  let due = 0;
  document.addEventListener("input", (event) => {
    if (event.target.id === "way-of") draw(event.target.value);
    else if (event.target.closest(".filters")) { clearTimeout(due); due = setTimeout(filter, event.target.id === "search" ? 120 : 0); }
  });
  document.addEventListener("reset", () => setTimeout(filter, 0));
  document.addEventListener("submit", (event) => event.preventDefault());

  // In a tall picture the boxes of a way change places with those beside the vantage, so that it is seen at once.
  const level = (names) => {
    const region = document.querySelector(".network").parentElement;
    const box = (node) => { const rect = node.querySelector("rect"); return { x: +rect.getAttribute("x"), y: +rect.getAttribute("y") + (node.moved ?? 0) }; };
    const move = (node, y) => { node.moved = y - (box(node).y - (node.moved ?? 0)); node.setAttribute("transform", `translate(0 ${node.moved})`); };
    const nodes = all(".network .node");
    for (const node of nodes) move(node, box(node).y - (node.moved ?? 0));
    const goal = box(one(names[0])).y;
    const tall = document.querySelector(".network").getBBox().height > 520;
    for (const node of tall ? names.slice(1).map(one) : []) {
      const near = nodes.filter((other) => box(other).x === box(node).x).sort((a, b) => Math.abs(box(a).y - goal) - Math.abs(box(b).y - goal))[0];
      const [here, there] = [box(node).y, box(near).y];
      move(near, here);
      move(node, there);
    }
    for (const edge of all(".network .edge")) {
      const [from, to] = edge.id.split("-").map((name) => box(one(name)));
      const [x1, y1, x2, y2] = [from.x + 172, from.y + 20, to.x, to.y + 20];
      edge.setAttribute("d", `M${x1} ${y1}C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`);
    }
    if (tall) region.scrollTop = goal - region.clientHeight / 2 + 20;
  };

  // The way of one finding, drawn in the network and written below it.
  const draw = (id) => {
    const option = all("#way-of option").find((item) => item.value === id);
    if (!option) return;
    one("way-of").value = id;
    for (const node of all(".network .on, .network .past")) node.classList.remove("on", "past", "admitted", "blocked", "unknown");
    let before = null;
    let stopped = false;
    for (const part of option.dataset.way.split(" ")) {
      const [name, answer] = part.split(":");
      one(name)?.classList.add("on", answer);
      // Behind the stage that blocks, the packet should never have been seen.
      if (before) one(`${before}-${name}`)?.classList.add(stopped ? "past" : "on");
      stopped = stopped || answer === "blocked";
      before = name;
    }
    level(option.dataset.way.split(" ").map((part) => part.split(":")[0]));
    const way = one(`f-${id}`)?.querySelector(".way");
    one("way-said").replaceChildren(...(way ? [way.cloneNode(true)] : []));
  };

  const copy = async (button) => {
    const block = button.parentElement.querySelector("pre");
    try {
      await navigator.clipboard.writeText(block.textContent);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(block);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      if (!document.execCommand("copy")) { say("It is selected: copy it with the keyboard."); return; }
    }
    say(`${button.getAttribute("aria-label").replace("Copy: ", "")}: copied`);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.classList.contains("copy")) copy(button);
    if (button?.classList.contains("draw")) { draw(button.dataset.finding); one("network").scrollIntoView(); one("way-of").focus({ preventScroll: true }); }
  });

  // A link to a finding opens it, also where a filter hides it.
  const follow = () => {
    const goal = location.hash.startsWith("#f-") && one(decodeURIComponent(location.hash.slice(1)));
    if (!goal) return;
    if (goal.hidden) { document.querySelector(".filters").reset(); goal.hidden = false; }
    goal.open = true;
    goal.scrollIntoView();
    goal.querySelector("summary").focus({ preventScroll: true });
  };
  addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => { if (event.target.closest("a.cell")?.hash === location.hash) follow(); });

  const begin = () => { filter(); if (one("way-of")) draw(one("way-of").value); };
  begin();
  follow();

  // Live: another report comes without a reload; what is filtered, open and drawn stays so.
  const { events, body } = document.body.dataset;
  if (!events) return;
  const kept = () => ({
    filters: all(".filters input, .filters select").map((item) => [item.id || item.value, item.type === "checkbox" ? item.checked : item.value]),
    open: new Set(all("main details[open]").map((item) => item.id || item.querySelector("summary").textContent)),
    way: one("way-of")?.value,
    focus: document.activeElement?.id || document.activeElement?.closest("[id]")?.id,
  });
  const put = (state) => {
    const was = new Map(state.filters);
    for (const item of all(".filters input, .filters select")) {
      const before = was.get(item.id || item.value);
      if (before === undefined) continue;
      if (item.type === "checkbox") item.checked = before; else item.value = before;
      if (item.tagName === "SELECT" && item.selectedIndex < 0) item.value = "";
    }
    for (const item of all("main details")) item.open = state.open.has(item.id || item.querySelector("summary").textContent) || item.open;
    begin();
    if (state.way) draw(state.way);
    const goal = state.focus && state.focus !== "report" && one(state.focus);
    (goal?.matches("details") ? goal.querySelector("summary") : goal)?.focus({ preventScroll: true });
  };
  const renew = async () => {
    const answer = await fetch(body, { cache: "no-store" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const fresh = await answer.text();
    const state = kept();
    one("report").innerHTML = fresh;
    put(state);
    const verdict = document.querySelector("h1").textContent.trim();
    document.title = verdict;
    say(`A new report: ${verdict}`);
  };
  const live = (words) => { one("live").textContent = words; };
  const source = new EventSource(events);
  source.addEventListener("open", () => live("live"));
  source.addEventListener("error", () => live("the watch doesn’t answer; trying again …"));
  source.addEventListener("report", () => renew().then(() => live(`live, renewed ${new Date().toLocaleTimeString()}`), (error) => live(`the report couldn’t be had: ${error.message}`)));
})();

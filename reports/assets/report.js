// The page is whole without this script. It adds: grouping, a filter kept in the address, copying links, printing.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const findings = all("article.finding");
  const place = $("#finding-groups");
  const form = $("form.tools");
  const ranks = ["critical", "high", "medium", "low"];
  const groupings = ["severity", "person", "system", "rule"];
  const isFinding = (id) => /^F-[A-Z2-7]{10}$/.test(id);
  const words = new Map(findings.map((f) => [f, f.textContent.toLowerCase()]));
  let drawn = "severity";

  // State is what the controls show; the address follows the controls.
  function read() {
    return {
      q: $("#filter-text").value.trim(),
      by: form.elements.by.value,
      severity: all("[name=severity]:checked", form).map((box) => box.value),
      fresh: Boolean($("[name=new]:checked", form)),
    };
  }

  function toHash(state) {
    const out = new URLSearchParams();
    if (state.q) out.set("q", state.q);
    if (state.by !== "severity") out.set("by", state.by);
    if (state.severity.length) out.set("severity", state.severity.join(","));
    if (state.fresh) out.set("new", "1");
    const text = out.toString();
    return text ? "#?" + text : "";
  }

  function fromHash(hash) {
    const given = new URLSearchParams(hash.startsWith("#?") ? hash.slice(2) : "");
    const levels = (given.get("severity") || "").split(",");
    const by = groupings.includes(given.get("by")) ? given.get("by") : "severity";
    $("#filter-text").value = given.get("q") || "";
    for (const radio of all("[name=by]", form)) radio.checked = radio.value === by;
    for (const box of all("[name=severity]", form)) box.checked = levels.includes(box.value);
    const fresh = $("[name=new]", form);
    if (fresh) fresh.checked = given.get("new") === "1";
  }

  function matches(finding, state) {
    if (state.severity.length && !state.severity.includes(finding.dataset.severity)) return false;
    if (state.fresh && !finding.dataset.new) return false;
    const text = words.get(finding);
    return state.q.toLowerCase().split(/\s+/).every((word) => text.includes(word));
  }

  function regroup(by) {
    if (by === drawn) return;
    drawn = by;
    const groups = new Map();
    for (const finding of findings) {
      const key = finding.dataset[by];
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(finding);
    }
    const keys = by === "severity" ? ranks.filter((rank) => groups.has(rank)) : [...groups.keys()];
    place.replaceChildren(...keys.map((key) => section(key, groups.get(key), by)));
  }

  function section(key, members, by) {
    const box = document.createElement("section");
    const title = document.createElement("h3");
    const name = document.createElement("bdi");
    const count = document.createElement("span");
    box.className = "group";
    title.className = "group-title";
    count.className = "group-count";
    name.textContent = by === "severity" ? key[0].toUpperCase() + key.slice(1) : key;
    title.append(name, count);
    box.append(title, ...members);
    return box;
  }

  function draw() {
    const state = read();
    regroup(state.by);
    let shown = 0;
    for (const finding of findings) {
      finding.hidden = !matches(finding, state);
      if (!finding.hidden) shown += 1;
    }
    for (const group of all(".group", place)) {
      const visible = all("article:not([hidden])", group).length;
      group.hidden = visible === 0;
      $(".group-count", group).textContent = String(visible);
    }
    say(shown, Boolean(state.q || state.severity.length || state.fresh));
  }

  function say(shown, filtered) {
    const status = $(".filter-status");
    status.hidden = !filtered;
    if (!filtered) return status.replaceChildren();
    const clear = document.createElement("button");
    clear.type = "button";
    clear.textContent = "Show all";
    clear.addEventListener("click", () => { fromHash(""); changed(); });
    status.replaceChildren(`Filtered: showing ${shown} of ${findings.length} findings.`, clear);
  }

  function changed() {
    draw();
    history.replaceState(null, "", toHash(read()) || location.href.split("#")[0]);
  }

  function follow() {
    const id = location.hash.slice(1);
    if (form && (location.hash.startsWith("#?") || !location.hash)) {
      fromHash(location.hash);
      draw();
      if (location.hash && toHash(read())) $("#findings").scrollIntoView();
    }
    if (!isFinding(id)) return;
    const target = document.getElementById(id);
    if (!target) return;
    if (target.hidden) { fromHash(""); draw(); }
    for (const more of all("details", target)) more.open = true;
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  }

  async function copy(text, button) {
    const label = $("span", button) || button;
    const before = label.textContent;
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "quiet";
      document.body.append(field);
      field.select();
      done = document.execCommand("copy");
      field.remove();
    }
    label.textContent = done ? "Copied" : "Not allowed here";
    setTimeout(() => { label.textContent = before; }, 1600);
  }

  function printing() {
    let opened = [];
    addEventListener("beforeprint", () => {
      if (document.body.classList.contains("print-summary")) return;
      opened = all("details:not([open])");
      for (const more of opened) more.open = true;
    });
    addEventListener("afterprint", () => {
      for (const more of opened) more.open = false;
      opened = [];
      document.body.classList.remove("print-summary");
    });
    for (const button of all("[data-print]")) {
      button.addEventListener("click", () => {
        document.body.classList.toggle("print-summary", button.dataset.print === "summary");
        print();
      });
    }
  }

  function here() {
    const links = new Map(all(".nav a").map((link) => [link.hash.slice(1), link]));
    const watch = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const link of links.values()) link.removeAttribute("aria-current");
        links.get(entry.target.id)?.setAttribute("aria-current", "true");
      }
    }, { rootMargin: "-20% 0px -75%" });
    for (const id of links.keys()) watch.observe(document.getElementById(id));
  }

  for (const element of all("[data-needs-script]")) element.hidden = false;
  for (const button of all("[data-copy-link]")) {
    button.addEventListener("click", () => copy(location.href.split("#")[0] + "#" + button.dataset.copyLink, button));
  }
  for (const button of all("[data-copy-text]")) {
    button.addEventListener("click", () => copy(document.getElementById(button.dataset.copyText).textContent, button));
  }
  if (form) {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", changed);
  }
  addEventListener("hashchange", follow);
  printing();
  here();
  follow();
})();

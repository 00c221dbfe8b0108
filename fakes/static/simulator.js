// Keeps the phones up to date and carries taps and texts to the server; all wording and HTML come from there.
"use strict";

const base = document.body.dataset.base;
const narrow = window.matchMedia("(max-width: 700px)");
const phones = [...document.querySelectorAll(".phone")];
const userids = phones.map((phone) => phone.dataset.userid);
let after = -1;
let exchange = -1;
let asking = null;
let scanning = null;

const byId = (id) => document.getElementById(id);
const phoneOf = (userid) => byId(`phone-${userid}`);

async function call(path, body) {
  const response = await fetch(`${base}/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    tell(answer.problem || "没有成功，请再试一次");
  }
  await news();
  return response.ok;
}

let hideNote = 0;
function tell(text) {
  const note = byId("note");
  note.textContent = text;
  note.hidden = false;
  clearTimeout(hideNote);
  hideNote = setTimeout(() => { note.hidden = true; }, 2600);
}

// News: one request for all phones; a call made while one is on its way waits for it and asks again.
async function news() {
  while (asking) await asking;
  asking = fetchNews();
  try { await asking; } finally { asking = null; }
}

async function fetchNews() {
  const query = new URLSearchParams({ after, exchange, phones: userids.join(",") });
  let answer;
  try {
    const response = await fetch(`${base}/news?${query}`);
    if (!response.ok) return;
    answer = await response.json();
  } catch {
    byId("clock-next").textContent = "连不上演示程序，正在重试";
    return;
  }
  const first = after < 0;
  after = answer.after;
  exchange = answer.exchange;
  for (const line of answer.lines) showLine(line, first);
  if (answer.wire) byId("wire").innerHTML = answer.wire;
  showClock(answer.clock);
  showFaults(answer.faults);
  for (const phone of phones) {
    const waiting = answer.waiting.includes(phone.dataset.userid);
    const name = waiting ? "对方正在输入…" : "七月";
    const title = phone.querySelector(".title__name");
    if (title.textContent !== name) title.textContent = name;
  }
}

function showLine(line, first) {
  const phone = phoneOf(line.phone);
  if (!phone) return;
  const chat = phone.querySelector(".chat");
  const atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
  const old = byId(line.id);
  if (old) old.outerHTML = line.html;
  else chat.insertAdjacentHTML("beforeend", line.html);
  if (atEnd || line.kind === "own" || first) chat.scrollTop = chat.scrollHeight;
  if (!first && !old && line.kind !== "own" && narrow.matches && !phone.classList.contains("phone--seen")) countUnread(line.phone);
}

function countUnread(userid) {
  const badge = byId(`tab-${userid}`).querySelector(".tab__news");
  badge.textContent = Number(badge.textContent || 0) + 1;
  badge.hidden = false;
}

function showClock(clock) {
  byId("clock-date").textContent = clock.date;
  byId("clock-time").textContent = clock.time;
  const next = byId("clock-next");
  if (next.textContent !== clock.next) next.textContent = clock.next;
  for (const time of document.querySelectorAll(".status__time")) time.textContent = clock.time.slice(0, 5);
  const play = document.querySelector("[data-clock=play], [data-clock=stop]");
  play.dataset.title ||= play.textContent;
  play.dataset.clock = clock.playing ? "stop" : "play";
  play.classList.toggle("key--stop", clock.playing);
  play.textContent = clock.playing ? "停止" : play.dataset.title;
}

function showFaults(on) {
  for (const box of document.querySelectorAll("[data-fault]")) {
    if (box !== document.activeElement) box.checked = on.includes(box.dataset.fault);
  }
  const quirks = [...byId("quirks").querySelectorAll("input:checked")].length + (byId("quirks").delay_s.value !== "0" ? 1 : 0);
  const count = on.length + quirks;
  byId("faults-on").hidden = count === 0;
  byId("faults-on").textContent = `已打开 ${count} 项`;
}

// One phone at a time on a narrow page
function see(userid) {
  for (const phone of phones) phone.classList.toggle("phone--seen", phone.dataset.userid === userid);
  for (const tab of document.querySelectorAll(".tab")) tab.setAttribute("aria-selected", String(tab.dataset.phone === userid));
  const badge = byId(`tab-${userid}`).querySelector(".tab__news");
  badge.hidden = true;
  badge.textContent = "";
  const chat = phoneOf(userid).querySelector(".chat");
  chat.scrollTop = chat.scrollHeight;
}

// *shown* is the phone to bring into sight once the page is there again.
function showPhones(list, shown = "") {
  sessionStorage.setItem("shown", shown);
  const url = new URL(location.href);
  url.searchParams.set("phones", [...new Set(list)].join(","));
  location.assign(url);
}

// What people do
function closeSheets(except) {
  for (const list of document.querySelectorAll(".menu__list")) {
    if (list !== except) {
      list.hidden = true;
      list.previousElementSibling.setAttribute("aria-expanded", "false");
    }
  }
}

async function send(form) {
  const input = form.querySelector(".bar__text");
  const text = input.value;
  if (!text.trim()) return;
  input.value = "";
  form.classList.remove("bar--typing");
  input.focus();
  if (!(await call("send", { userid: form.closest(".phone").dataset.userid, text }))) input.value ||= text;
}

function tap(button, userid) {
  closeSheets();
  if ((button.dataset.type || "").startsWith("scancode")) {
    scanning = { userid, place: button.dataset.tap, opener: button };
    byId("scan").hidden = false;
    byId("scan-text").value = "";
    byId("scan-text").focus();
    look();
    return;
  }
  call("tap", { userid, place: button.dataset.tap });
}

// The room's camera: what is on the projector now, unless somebody has typed something else by then.
async function look() {
  const answer = await fetch(`${base}/camera`);
  const { sees } = answer.ok ? await answer.json() : { sees: "" };
  if (!byId("scan-text").value) byId("scan-text").value = sees;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  event.preventDefault();
  if (form.matches("[data-send]")) send(form);
  if (form.id === "jump") {
    byId("jump").hidden = true;
    byId("open-jump").setAttribute("aria-expanded", "false");
    move("to", { to: byId("jump-to").value });
  }
  if (form.matches(".scan__box")) {
    byId("scan").hidden = true;
    call("tap", { userid: scanning.userid, place: scanning.place, scanned: byId("scan-text").value });
  }
});

async function move(action, more) {
  const buttons = [...document.querySelectorAll("[data-clock], #open-jump")];
  for (const button of buttons) button.disabled = true;
  try { await call("clock", { action, ...more }); } finally {
    for (const button of buttons) button.disabled = false;
  }
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("button, a");
  if (!target) return closeSheets();
  const phone = target.closest(".phone");
  const userid = phone && phone.dataset.userid;
  const data = target.dataset;
  if (!("sub" in data)) closeSheets();
  if (data.clock) move(data.clock);
  else if (data.phone) see(data.phone);
  else if (data.close) showPhones(userids.filter((each) => each !== data.close));
  else if (data.press) call("press", { userid, line: Number(data.press), key: data.key });
  else if (data.other) { phone.querySelector(".plus").hidden = true; phone.querySelector("[data-plus]").setAttribute("aria-expanded", "false"); call("other", { userid, kind: data.other }); }
  else if (data.tap) tap(target, userid);
  else if ("sub" in data) {
    const list = target.nextElementSibling;
    closeSheets(list);
    list.hidden = !list.hidden;
    target.setAttribute("aria-expanded", String(!list.hidden));
  } else if ("plus" in data) {
    const sheet = phone.querySelector(".plus");
    sheet.hidden = !sheet.hidden;
    target.setAttribute("aria-expanded", String(!sheet.hidden));
  } else if (target.id === "open-jump") {
    const form = byId("jump");
    form.hidden = !form.hidden;
    target.setAttribute("aria-expanded", String(!form.hidden));
  } else if (target.id === "scan-cancel") {
    byId("scan").hidden = true;
    scanning.opener.focus();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  closeSheets();
  byId("scan").hidden = true;
});

document.addEventListener("input", (event) => {
  if (event.target.matches(".bar__text")) event.target.form.classList.toggle("bar--typing", event.target.value.trim() !== "");
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.dataset.swap) showPhones(userids.map((each) => (each === field.dataset.swap ? field.value : each)));
  else if (field.id === "add-phone" && field.value) showPhones([...userids, field.value], field.value);
  else if (field.dataset.fault) call("fault", { name: field.dataset.fault, on: field.checked });
  else if (field.closest("#quirks")) {
    const form = byId("quirks");
    call("quirks", {
      twice: form.twice.checked, at_once: form.at_once.checked, foreign: form.foreign.checked, down: form.down.checked,
      delay_s: Number(form.delay_s.value),
    });
  }
});

// A phone that is looked at for the first time has opened the chat, which the bot is told.
async function openChats() {
  await news();
  const unopened = userids.filter((userid) => !sessionStorage.getItem(`entered-${userid}`));
  for (const userid of unopened) sessionStorage.setItem(`entered-${userid}`, "1");
  await Promise.all(unopened.map((userid) => call("enter", { userid })));
  document.body.dataset.ready = "yes";
}

function poll() {
  setTimeout(async () => { await news(); poll(); }, document.hidden ? 5000 : 1000);
}

const added = phoneOf(sessionStorage.getItem("shown"));
sessionStorage.removeItem("shown");
see((added || phones[0]).dataset.userid);
// Only a phone that was just added is brought into sight: a fresh page begins at its clock.
if (added) added.scrollIntoView({ block: "nearest", inline: "nearest" });
openChats();
poll();

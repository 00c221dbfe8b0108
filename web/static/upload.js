"use strict";
// Sends a file in pieces, goes on after a broken connection, and says what came of it.
const LONGEST_WAIT_MS = 15000;
const base = location.pathname.replace(/\/$/, "") + "/files";
const chunk = Number(document.body.dataset.chunk);
const form = document.getElementById("form");
const file = document.getElementById("file");
const kinds = document.getElementById("kinds");
const uploads = document.getElementById("uploads");
const row = document.getElementById("row");

const sleep = (ms) => new Promise((go) => setTimeout(go, ms));
const part = () => (form.elements.part ? form.elements.part.value : "");
const kind = () => (form.elements.kind && part() === "report" ? form.elements.kind.value : "");

function showKinds() {
  if (kinds) kinds.hidden = part() !== "report";
}

// One answer of the server; null where there was none: no network, a time-out, or nobody has a place.
async function ask(method, url, body, type) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), 60000);
  try {
    const headers = type ? { "Content-Type": type } : {};
    const answer = await fetch(url, { method, body, headers, cache: "no-store", signal: limit.signal });
    if (answer.status === 410 || answer.status === 403) return { closed: true };
    if (answer.status >= 500) {
      const said = await answer.json().catch(() => ({}));
      return { wait: true, problem: said.problem };
    }
    return await answer.json().catch(() => ({ problem: "这个请求没有成功，请回到聊天窗口重新打开链接。" }));
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

class Upload {
  constructor(chosen, whatPart, whatKind) {
    this.file = chosen;
    this.part = whatPart;
    this.kind = whatKind;
    // The same file chosen again goes on where it stopped, also after the page was closed.
    this.key = ["qiyue", base, whatPart, whatKind, chosen.name, chosen.size, chosen.lastModified].join("|");
    this.box = row.content.firstElementChild.cloneNode(true);
    this.bar = this.box.querySelector(".weui-progress__inner-bar");
    this.box.querySelector(".upload__name").textContent = chosen.name;
    uploads.prepend(this.box);
    this.box.scrollIntoView({ block: "center" });
  }

  say(text, mood) {
    this.box.querySelector(".upload__said").textContent = text;
    this.box.classList.toggle("good", mood === "good");
    this.box.classList.toggle("bad", mood === "bad");
    this.box.classList.toggle("done", mood !== undefined);
  }

  move(offset) {
    const percent = Math.floor((100 * offset) / Math.max(1, this.file.size));
    this.bar.style.width = percent + "%";
    this.bar.setAttribute("aria-valuenow", String(percent));
    this.say("正在上传 " + percent + "%");
  }

  end(text, mood) {
    this.say(text, mood);
    try { localStorage.removeItem(this.key); } catch { /* a webview without storage */ }
    this.box.scrollIntoView({ block: "nearest" });
  }

  // Asks until there is an answer; each wait is longer, and not the same for all.
  async surely(method, url, body, type) {
    for (let tries = 0; ; tries += 1) {
      const answer = await ask(method, url, body, type);
      if (answer && !answer.wait) return answer;
      this.say(answer ? answer.problem || "排队中，会自动接着传…" : "连接断了，正在重连…");
      await sleep(Math.min(LONGEST_WAIT_MS, 400 * 2 ** Math.min(tries, 5)) * (0.5 + Math.random()));
    }
  }

  async run() {
    if (this.file.size === 0) return this.end(this.file.name + " 是空文件（0 字节），请重新导出再交。", "bad");
    let id = null;
    try { id = localStorage.getItem(this.key); } catch { /* as above */ }
    let stand = id ? await this.surely("GET", base + "/" + id) : null;
    if (!stand || stand.problem || stand.state !== "receiving") {
      const said = { part: this.part, kind: this.kind, name: this.file.name, size: this.file.size };
      const begun = await this.surely("POST", base, JSON.stringify(said), "application/json");
      if (begun.closed) return location.reload();
      if (begun.problem) return this.end(begun.problem, "bad");
      id = begun.upload;
      stand = { state: "receiving", offset: 0 };
      try { localStorage.setItem(this.key, id); } catch { /* as above */ }
    }
    return this.send(id, stand);
  }

  async send(id, stand) {
    let size = chunk;
    while (stand.state === "receiving") {
      this.move(stand.offset);
      const piece = this.file.slice(stand.offset, stand.offset + size);
      const started = Date.now();
      const url = base + "/" + id + "?offset=" + stand.offset;
      let answer = await ask("PUT", url, piece, "application/octet-stream");
      // Slow or broken: smaller pieces, and first ask how far it came.
      const took = Date.now() - started;
      size = !answer || took > 8000 ? Math.max(16384, size >> 1) : Math.min(chunk, size << 1);
      if (!answer || answer.wait) {
        if (!answer) this.say("连接断了，正在重连…");
        await sleep(300 + Math.random() * 900);
        answer = await this.surely("GET", base + "/" + id);
      }
      if (answer.closed) return location.reload();
      if (answer.problem) return this.end(answer.problem, "bad");
      stand = answer;
    }
    return this.await(id, stand);
  }

  async await(id, stand) {
    while (stand.state === "received") {
      this.bar.style.width = "100%";
      this.bar.setAttribute("aria-valuenow", "100");
      this.say("已收到，正在检查…");
      await sleep(700);
      stand = await this.surely("GET", base + "/" + id);
      if (stand.closed) return location.reload();
      if (stand.problem) return this.end(stand.problem, "bad");
    }
    return this.end(stand.said, stand.verdict === "submitted" || stand.verdict === "same" ? "good" : "bad");
  }
}

file.addEventListener("change", () => {
  for (const chosen of file.files) void new Upload(chosen, part(), kind()).run();
  file.value = "";
});
file.addEventListener("focus", () => document.getElementById("pick").classList.add("focused"));
file.addEventListener("blur", () => document.getElementById("pick").classList.remove("focused"));
form.addEventListener("change", showKinds);
showKinds();

"use strict";
// Fetches the changing part every second; a lost connection is shown and tried again.
const live = document.getElementById("live");
const offline = document.getElementById("offline");
const url = location.pathname.replace(/\/$/, "") + "/live";

// A number that no longer changes is not good for long: it is greyed, so that nobody copies it.
function show(isConnected) {
  offline.hidden = isConnected;
  live.classList.toggle("stale", !isConnected);
}

async function refresh() {
  try {
    const answer = await fetch(url, { cache: "no-store" });
    if (answer.status === 410 || answer.status === 403) { location.reload(); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    live.innerHTML = await answer.text();
    show(true);
  } catch {
    show(false);
  }
  setTimeout(refresh, 1000);
}
setTimeout(refresh, 1000);

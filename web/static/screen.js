"use strict";
// htmx fetches the changing part every second. A lost connection keeps the last picture, is shown, and is
// tried again; once what it shows is no longer taken, it is greyed, so that nobody copies it.
const live = document.getElementById("live");
const offline = document.getElementById("offline");
const old = document.getElementById("old");
let fetchedAt = performance.now();

function goodForMs() {
  const shown = live.querySelector("[data-good-for-s]");
  return shown ? Number(shown.dataset.goodForS) * 1000 : 0;
}

function show(isConnected) {
  const isOld = !isConnected && performance.now() - fetchedAt > goodForMs();
  offline.hidden = isConnected;
  old.hidden = !isOld;
  live.classList.toggle("stale", isOld);
}

live.addEventListener("htmx:afterRequest", (event) => {
  const request = event.detail.xhr;
  if (request.status === 403 || request.status === 410) { location.reload(); return; }
  if (event.detail.successful) fetchedAt = performance.now();
  show(event.detail.successful === true);
});

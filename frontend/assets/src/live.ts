// A board that silently stands still is worse than none. Inside [data-live] the connection is watched: when it drops, or
// when nothing (not even the server's heartbeat) was heard for data-live-seconds, the part dims and says so in words.

import htmx from "htmx.org";

const STALE = "is-stale";

export function watchLive(root: ParentNode): void {
  for (const el of root.querySelectorAll<HTMLElement>("[data-live][sse-connect]")) {
    const limit = Number(el.dataset.liveSeconds ?? "90") * 1000;
    let heard = Date.now();
    let opened = false;
    const said = el.querySelector<HTMLElement>(".stale [data-since]");

    const alive = () => {
      heard = Date.now();
      el.classList.remove(STALE);
    };
    const stale = () => {
      if (el.classList.contains(STALE)) return;
      if (said) said.textContent = clock(new Date(heard));
      el.classList.add(STALE);
    };

    for (const event of ["htmx:sseOpen", "htmx:sseMessage"]) el.addEventListener(event, alive);
    el.addEventListener("htmx:sseOpen", (e) => {
      const source = (e as CustomEvent<{ source?: EventSource }>).detail.source;
      source?.addEventListener("alive", alive);
      // What changed while nobody listened is fetched once the line is back.
      const part = el.querySelector("[hx-get].live");
      if (opened && part) htmx.trigger(part, "refresh", {});
      opened = true;
    });
    el.addEventListener("htmx:sseError", stale);
    el.addEventListener("htmx:sseClose", stale);
    el.addEventListener("htmx:sendError", stale);
    el.addEventListener("htmx:responseError", stale);
    window.setInterval(() => {
      if (Date.now() - heard > limit) stale();
    }, 5000);
  }
}

function clock(t: Date): string {
  return `${String(t.getHours()).padStart(2, "0")}:${String(t.getMinutes()).padStart(2, "0")}`;
}

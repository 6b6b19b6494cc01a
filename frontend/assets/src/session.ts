// A page that is left open does not outlive its session (ASVS V14.3.1): when the session is over, whether by time, by signing
// out in another window or because the server cannot be asked any more, what the page shows is taken away. Typing counts as use.

interface Left {
  left: number; // seconds until the session ends without use; 0: there is none
}

// clear takes everything away but the line that says why, and the way back in.
function clear(said: string, link: string): void {
  const here = location.pathname + location.search;
  const p = document.createElement("p");
  const a = document.createElement("a");
  a.href = "/signin?next=" + encodeURIComponent(here);
  a.textContent = link;
  p.textContent = said + " ";
  p.append(a);
  const main = document.createElement("main");
  main.id = "main";
  main.className = "page page-narrow";
  main.setAttribute("role", "alert");
  main.append(p);
  document.title = said;
  document.body.replaceChildren(main);
}

// endWithSession watches over the page of somebody who is signed in.
export function endWithSession(body: HTMLElement): void {
  const address = body.dataset.session;
  const others = new BroadcastChannel("tanamori");
  if (!address) {
    others.postMessage("out"); // nobody is signed in here: the other windows look whether that is so
    return;
  }
  const said = body.dataset.sessionOver ?? "";
  const link = body.dataset.sessionAgain ?? "";
  let ends = Date.now() + 1000 * Number(body.dataset.sessionLeft ?? "0");
  let timer = 0;
  let over = false;
  let told = Date.now(); // when the server last heard of use

  const end = (): void => {
    if (over) return;
    over = true;
    window.clearTimeout(timer);
    clear(said, link);
  };
  // ask looks how long there is still; use: somebody is typing. Who cannot be asked by the time it would have ended has ended it.
  const ask = async (use: boolean): Promise<void> => {
    if (over) return;
    let left = -1;
    try {
      const answer = await fetch(address, { method: use ? "POST" : "GET", cache: "no-store", credentials: "same-origin", redirect: "error" });
      left = answer.ok ? ((await answer.json()) as Left).left : answer.status === 401 ? 0 : -1;
    } catch {
      left = -1;
    }
    if (left > 0) ends = Date.now() + 1000 * left;
    if (left === 0 || Date.now() >= ends) end();
    else wait();
  };
  const wait = (): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void ask(false), Math.min(Math.max(ends - Date.now(), 0) + 500, 2 ** 31 - 1));
  };
  document.addEventListener("input", () => {
    if (Date.now() - told < 60_000) return;
    told = Date.now();
    void ask(true);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void ask(false);
  });
  window.addEventListener("pageshow", (e) => {
    if (e.persisted) void ask(false);
  });
  others.addEventListener("message", (e) => {
    if (e.data === "out") void ask(false);
  });
  wait();
}

// The page works without this file. It adds: live parts (htmx and server-sent events), a word of warning when they stand
// still, questions before an act that cannot be undone, era dates beside date fields, copying, passkeys, and an end to what is shown when the session ends.
import htmx from "htmx.org";
import "htmx-ext-sse";
import { watchLive } from "./live";
import { passkeys } from "./passkey";
import { endWithSession } from "./session";
import { askFirst, copyButtons, eraBeside } from "./fields";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}

// Declarative extensions look for the library here.
window.htmx = htmx;

endWithSession(document.body);
watchLive(document);
askFirst(document);
copyButtons(document);
eraBeside(document);
passkeys(document);
document.addEventListener("htmx:load", (e) => {
  const part = (e as CustomEvent<{ elt: HTMLElement }>).detail.elt;
  copyButtons(part);
  eraBeside(part);
});

// The page works without this file. It adds: live parts (htmx and server-sent events), a word of warning when they stand
// still, questions before an act that cannot be undone, era dates beside date fields, copying, and passkeys.
import htmx from "htmx.org";
import "htmx-ext-sse";
import { watchLive } from "./live";
import { passkeys } from "./passkey";
import { askFirst, copyButtons, eraBeside } from "./fields";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}

// Declarative extensions look for the library here.
window.htmx = htmx;

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

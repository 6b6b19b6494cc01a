// Small helps at single fields. Each is bound once, however often htmx swaps the part around it.

function once(el: HTMLElement, key: string): boolean {
  if (el.dataset[key]) return false;
  el.dataset[key] = "1";
  return true;
}

// Forms with data-ask="sentence" are sent only after the question was answered. Without script they are sent at once, and
// the server asks where it matters.
export function askFirst(root: Document): void {
  root.addEventListener("submit", (e) => {
    const form = e.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.ask || form.dataset.asked) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    const submitter = (e as SubmitEvent).submitter as HTMLButtonElement | null;
    question(form, submitter?.textContent?.trim() ?? "OK", () => {
      form.dataset.asked = "1";
      form.requestSubmit(submitter);
      delete form.dataset.asked;
    });
  }, true);
}

function question(form: HTMLFormElement, yes: string, go: () => void): void {
  const dialog = document.createElement("dialog");
  const text = document.createElement("p");
  text.id = "ask-text";
  text.textContent = form.dataset.ask ?? "";
  dialog.setAttribute("aria-labelledby", text.id);
  const acts = document.createElement("div");
  acts.className = "acts";
  const no = button(document.body.dataset.cancel ?? "Cancel", "btn btn-quiet");
  const ok = button(yes, form.dataset.askDanger ? "btn btn-danger btn-fill" : "btn btn-fill");
  no.addEventListener("click", () => dialog.close());
  ok.addEventListener("click", () => {
    dialog.close();
    go();
  });
  dialog.addEventListener("close", () => dialog.remove());
  acts.append(no, ok);
  dialog.append(text, acts);
  document.body.append(dialog);
  dialog.showModal();
}

function button(label: string, className: string): HTMLButtonElement {
  const b = document.createElement("button");
  b.type = "button";
  b.className = className;
  b.textContent = label;
  return b;
}

// The clipboard API is absent on plain http, which is what a closed municipal network serves; selecting always works.
export function copyButtons(root: ParentNode): void {
  for (const b of root.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    if (!once(b, "bound")) continue;
    b.hidden = false;
    b.addEventListener("click", async () => {
      const field = document.getElementById(b.dataset.copy ?? "");
      const text = field instanceof HTMLInputElement ? field.value : (field?.textContent ?? "");
      if (field instanceof HTMLInputElement) field.select();
      else if (field) window.getSelection()?.selectAllChildren(field);
      let done = false;
      try {
        if (navigator.clipboard) {
          await navigator.clipboard.writeText(text);
          done = true;
        } else done = document.execCommand("copy");
      } catch {
        done = false;
      }
      if (!done) return; // the text stays selected for Ctrl+C
      const before = b.textContent;
      b.textContent = b.dataset.copied ?? "✓";
      window.setTimeout(() => (b.textContent = before), 2000);
    });
  }
}

// Beside a Western date field, the same day as Japanese offices write it.
export function eraBeside(root: ParentNode): void {
  const era = new Intl.DateTimeFormat("ja-JP-u-ca-japanese", { era: "long", year: "numeric", month: "long", day: "numeric", weekday: "short", timeZone: "UTC" });
  for (const input of root.querySelectorAll<HTMLInputElement>("input[data-era]")) {
    if (!once(input, "bound")) continue;
    const out = document.getElementById(input.dataset.era ?? "");
    if (!out) continue;
    const show = () => {
      const m = /^(\d{4})-(\d{2})-(\d{2})/.exec(input.value);
      if (!m) {
        out.textContent = "";
        return;
      }
      const parts = era.formatToParts(new Date(Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3]))));
      const get = (type: string) => parts.find((p) => p.type === type)?.value ?? "";
      const year = get("year");
      out.textContent = `${get("era")}${year}年${get("month")}月${get("day")}日（${get("weekday")}）`.replace("年年", "年").replace("月月", "月").replace("日日", "日");
    };
    input.addEventListener("input", show);
    show();
  }
}

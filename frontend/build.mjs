// Bundles what the browser needs into assets/dist, from where the Go binary embeds it:
//
//   app-HASH.js      assets/src/app.ts with htmx and its SSE extension
//   app-HASH.css     assets/src/app.css with all it imports, design tokens and font faces among them
//   NAME-HASH.EXT    the font's unicode-range subsets and every picture in assets/src
//   licenses.txt     the licence of every package whose code or data is in the bundle
//   manifest.json    logical name to file name, for example {"app.js": "app-K2J4LQ7M.js"}
//
// Names carry a hash of the content, so a browser may keep them for ever.

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(here, "assets", "src");
const target = path.join(here, "assets", "dist");
const pictures = [".svg", ".png", ".ico", ".webp"];

// bundle returns esbuild's result without writing it.
async function bundle() {
  const files = await readdir(source, { recursive: true });
  const copied = files.filter((file) => pictures.includes(path.extname(file)));
  return esbuild.build({
    absWorkingDir: here,
    entryPoints: ["app.ts", "app.css", ...copied].map((file) => path.join(source, file)),
    loader: Object.fromEntries([".woff2", ...pictures].map((ext) => [ext, "copy"])),
    outdir: target,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    format: "iife",
    target: ["es2022", "chrome110", "edge110"],
    charset: "utf8",
    legalComments: "none", // every licence goes whole into licenses.txt
    logLevel: "warning",
    metafile: true,
    write: false,
    // htmx has one direct eval, which the pages' content security policy would refuse. A stand-in that throws
    // keeps it out of the bundle and lets the minifier rename htmx's own variables (64 kB become 51 kB).
    define: { eval: "refuseEval" },
    banner: { js: 'function refuseEval(){throw new EvalError("eval is refused")}' },
  });
}

// manifestOf maps "app.js", "app.css", picture and font names to the hashed names they were given.
function manifestOf(meta) {
  const manifest = {};
  for (const [file, output] of Object.entries(meta.outputs)) {
    const hashed = path.basename(file);
    const logical = hashed.replace(/-[A-Z0-9]{8}(\.[^.]+)$/, "$1");
    if (manifest[logical]) throw new Error(`two assets are called ${logical}`);
    if (logical === hashed) throw new Error(`${hashed} carries no hash`);
    if (output.bytes === 0) throw new Error(`${logical} is empty`);
    manifest[logical] = hashed;
  }
  return Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

// licencesOf reads the licence file of every package that contributed at least one input.
async function licencesOf(meta) {
  const names = new Set();
  for (const input of Object.keys(meta.inputs)) {
    const found = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input.replaceAll("\\", "/"));
    if (found) names.add(found[1]);
  }
  const texts = [];
  for (const name of [...names].sort()) {
    const folder = path.join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} ships no licence text`);
    const text = (await readFile(path.join(folder, file), "utf8")).trim();
    texts.push(`${name} ${version}${license ? ` (${license})` : ""}\n\n${text}\n`);
  }
  return texts.join(`\n${"-".repeat(72)}\n\n`);
}

const result = await bundle();
const manifest = manifestOf(result.metafile);
const wanted = new Map(result.outputFiles.map((file) => [path.basename(file.path), file.contents]));
wanted.set("licenses.txt", await licencesOf(result.metafile));

await mkdir(target, { recursive: true });
for (const [name, contents] of wanted) await writeFile(path.join(target, name), contents);
// The manifest comes last and whole: until then a reader keeps to the files of the build before.
await writeFile(path.join(target, ".manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await rename(path.join(target, ".manifest.json"), path.join(target, "manifest.json"));
for (const name of await readdir(target)) {
  if (name !== "manifest.json" && !wanted.has(name)) await rm(path.join(target, name), { recursive: true });
}

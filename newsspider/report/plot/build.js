// Makes plot.js: one file, minified, with the licences of all that is in it at its head.
import { build } from "esbuild";
import { readFileSync, writeFileSync } from "node:fs";

const options = { entryPoints: ["entry.js"], bundle: true, minify: true, target: "es2020", write: false };
const made = await build({ ...options, format: "iife", globalName: "Plot", legalComments: "none", metafile: true });

const [{ inputs }] = Object.values(made.metafile.outputs);
const used = Object.keys(inputs).filter((path) => inputs[path].bytesInOutput);
const folders = used.map((path) => path.match(/^node_modules\/(@[^/]+\/)?[^/]+/)?.[0]);
const packages = [...new Set(folders.filter(Boolean))].sort();
const read = (folder, name) => readFileSync(`${folder}/${name}`, "utf8").trim();

const named = new Map();
for (const folder of packages) {
  const { name, version } = JSON.parse(read(folder, "package.json"));
  const [, copyright, terms] = read(folder, "LICENSE").match(/^(Copyright .*\n)?([^]*)$/);
  const holders = named.get(terms.trim()) ?? named.set(terms.trim(), []).get(terms.trim());
  holders.push(`${name} ${version}${copyright ? `, ${copyright.trim()}` : ""}`);
}
const licences = [...named].map(([terms, holders]) => `${holders.join("\n")}\n\n${terms}`).join("\n\n---\n\n");
writeFileSync("plot.js", `/*! Made by build.js of:\n\n${licences}\n*/\n${made.outputFiles[0].text}`);

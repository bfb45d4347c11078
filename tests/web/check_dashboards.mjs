// Are these files dashboards by Grafana's schema? Tells what is not, and ends with 1 then.
//
//     node tests/web/check_dashboards.mjs FILE...
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const here = dirname(fileURLToPath(import.meta.url));
const options = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ES2022,
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  types: [],
};

// A file's JSON as a literal, so that members that the types don't know are errors too.
const sources = new Map(
  process.argv.slice(2).map((file, i) => [
    join(here, `dashboard_${i}.ts`),
    {
      file,
      text:
        'import type { OurDashboard } from "./dashboard_types";\n' +
        `export const dashboard: OurDashboard = ${readFileSync(file, "utf8")};\n`,
    },
  ]),
);

const host = ts.createCompilerHost(options);
const { getSourceFile, fileExists } = host;
host.fileExists = (name) => sources.has(name) || fileExists(name);
host.getSourceFile = (name, language, ...rest) =>
  sources.has(name)
    ? ts.createSourceFile(name, sources.get(name).text, language)
    : getSourceFile(name, language, ...rest);

const problems = ts.getPreEmitDiagnostics(ts.createProgram([...sources.keys()], options, host));
for (const { file, start, messageText } of problems) {
  const known = file && sources.get(file.fileName);
  // The import stands in a line of its own before the JSON.
  const line = file ? file.getLineAndCharacterOfPosition(start).line : 0;
  const where = known ? `${basename(known.file)}:${line}` : (file?.fileName ?? "TypeScript");
  console.error(`${where}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
}
if (sources.size === 0) console.error("name the files to check");
process.exit(problems.length || sources.size === 0 ? 1 : 0);

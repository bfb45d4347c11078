// Holds a Containerfile to the language's rules. Prints a line for each fault.
import { readFileSync } from "node:fs";
import dockerfile from "dockerfile-utils";

const faults = dockerfile.validate(readFileSync(process.argv[2], "utf8"));
for (const fault of faults) console.log(`line ${fault.range.start.line + 1}: ${fault.message}`);
process.exit(faults.length === 0 ? 0 : 1);

/**
 * Fails on any warning of the compiler about our own Solidity, tests included; OpenZeppelin's sources are not ours.
 *
 * Analysis alone, without code, takes seconds. It leaves out one kind of warning, that of contracts beyond the size
 * limit, which the snapshot of bytecode sizes fails on.
 */
import { compile, readSources } from "./solidity/compile.ts";

const sources = { ...(await readSources("contracts")), ...(await readSources("test")) };
const { errors = [] } = compile(sources, { outputSelection: { "*": { "*": ["abi"] } } });
// What has no place is about the compilation, and so about us.
const findings = errors.filter(({ sourceLocation }) => !sourceLocation?.file.startsWith("@"));

for (const { formattedMessage } of findings) console.log(formattedMessage);
console.log(`${Object.keys(sources).length} files, ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;

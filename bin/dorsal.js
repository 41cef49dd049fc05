#!/usr/bin/env node
/** Starts the command line. In a clone (src/ is there) the build is first brought up to date with the sources. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Latest change below a folder, folders included: a file that was added, renamed or deleted changes its folder. */
function newest(folder) {
	let latest = statSync(folder).mtimeMs;
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const file = path.join(folder, entry.name);
		latest = Math.max(latest, entry.isDirectory() ? newest(file) : statSync(file).mtimeMs);
	}
	return latest;
}

function isStale() {
	const stamp = path.join(root, 'dist', '.stamp');
	if (!existsSync(stamp)) return true;
	const built = Date.parse(readFileSync(stamp, 'utf8').trim());
	const sources = [newest(path.join(root, 'src')), newest(path.join(root, 'scripts'))];
	const latest = Math.max(...sources, statSync(path.join(root, 'package.json')).mtimeMs);
	// Not `latest >= built`: a stamp that cannot be read (NaN) counts as old.
	return !(latest < built);
}

async function rebuild() {
	try {
		const { build } = await import('../scripts/build.js');
		await build();
	} catch (error) {
		const [line] = String(error.message).split('\n');
		console.error(`dorsal: error [build]: src/ is newer than dist/ and could not be built: ${line}; run npm ci`);
		process.exit(1);
	}
}

if (existsSync(path.join(root, 'src')) && isStale()) await rebuild();
const { main } = await import('../dist/cli/main.js');
await main(process.argv.slice(2));

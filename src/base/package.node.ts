import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = 'dorsal-vlm';

/** Folder of this package, whether the code runs from src/, from dist/ or bundled elsewhere below it. */
export function packageRoot(): string {
	let folder = path.dirname(fileURLToPath(import.meta.url));
	for (;;) {
		const manifest = path.join(folder, 'package.json');
		if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === PACKAGE) return folder;
		const parent = path.dirname(folder);
		if (parent === folder) throw new Error(`${import.meta.url}: no package.json of ${PACKAGE} above it`);
		folder = parent;
	}
}

import { spawnSync } from 'node:child_process';

/**
 * Before any test: dist/ is brought up to date, so that tests of the command line and the package see these sources.
 * Sources that do not build are told here and fail those tests; the unit tests still run.
 */
export function setup(): void {
	spawnSync(process.execPath, ['scripts/build.js'], { stdio: 'inherit' });
}

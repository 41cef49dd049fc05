import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

const FOLDER = new URL('../snapshots/', import.meta.url);

/**
 * Compares a drawing with `test/snapshots/NAME.svg`, one element a line. Where they differ, the drawing is written to
 * `NAME-changed.svg` beside it to be looked at; if the change is meant, run again with `UPDATE_SNAPSHOTS=1`.
 */
export function expectSnapshot(name: string, svg: string): void {
	const drawn = `${svg.trim().replaceAll('><', '>\n<')}\n`;
	const stored = new URL(`${name}.svg`, FOLDER);
	const changed = new URL(`${name}-changed.svg`, FOLDER);
	if (process.env.UPDATE_SNAPSHOTS) writeFileSync(stored, drawn);
	const expected = existsSync(stored) ? readFileSync(stored, 'utf8') : '';
	if (drawn === expected) rmSync(changed, { force: true });
	else writeFileSync(changed, drawn);
	expect(drawn, `${name}: see test/snapshots/${name}-changed.svg`).toBe(expected);
}

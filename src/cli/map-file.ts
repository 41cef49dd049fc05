import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../base/errors.ts';
import { type Drawing, drawingPng, drawingSvg } from '../probes/drawing.ts';

/** Whether a file is a PNG or SVG by its name. */
export const isDrawingFile = (file: string): boolean => ['.png', '.svg'].includes(path.extname(file).toLowerCase());

/** Refuses a file that is neither PNG nor SVG by its name. */
export function checkDrawingFile(option: string, file: string): void {
	if (isDrawingFile(file)) return;
	throw new UsageError(`--${option} ${file}: expected a name that ends in .png or .svg`, { code: 'option-value' });
}

/** Writes a drawing as PNG or SVG, as the file's name ends. `label` is what a screen reader says. */
export function writeDrawing(file: string, drawing: Drawing, label: string): Promise<void> {
	const svg = path.extname(file).toLowerCase() === '.svg';
	return writeFile(file, svg ? drawingSvg(drawing, { label }) : drawingPng(drawing));
}

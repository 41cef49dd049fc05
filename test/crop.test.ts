import { expect, it } from 'vitest';
import { controlPixels } from '../src/backends/pixel-controls.ts';
import { twoDsTask, ventralTask } from '../src/tasks/2ds.ts';

/** Colours other than the background's (that of the first pixel), each counted once. */
function coloursIn({ data }: { data: Uint8Array }, background: string): Set<string> {
	const colours = Array.from({ length: data.length / 3 }, (_, i) => data.slice(i * 3, i * 3 + 3).join());
	return new Set(colours.filter((colour) => colour !== background));
}

it('2DS says where the objects of a question are', () => {
	const task = twoDsTask({ images: 4, size: 128 });
	const { entries } = task.bench;
	for (const question of task.questions) {
		const image = task.bench.image(question.image);
		const { scene, place, pair } = entries.find(({ key }) => key === question.image)!;
		const about = question.groups.type === 'absolute' ? [place.object] : [pair.first, pair.second];
		const part = controlPixels(image, { kind: 'crop', margin: 0 }, question.box!);
		const background = image.data.slice(0, 3).join();
		const middle = ({ x, y }: { x: number; y: number }) => {
			const at = (Math.floor(y * 128) * 128 + Math.floor(x * 128)) * 3;
			return image.data.slice(at, at + 3).join();
		};
		const inside = coloursIn(part, background);
		for (const index of about) {
			const colour = middle(scene.objects[index]!);
			if (colour !== background) expect(inside).toContain(colour);
		}
		if (about.length === 1) expect(part.width * part.height).toBeLessThan((128 * 128) / 8);
	}
	expect(ventralTask({ images: 2 }).questions.every(({ box }) => box === undefined)).toBe(true);
});

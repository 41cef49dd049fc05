import type { Backend, BackendFacts, Condition } from '../../src/backends/backend.ts';
import { rng } from '../../src/base/random.ts';
import type { Question, Task } from '../../src/tasks/task.ts';

const PNG = [0x89, 0x50, 0x4e, 0x47];

/** A yes-or-no task of `images` × `perImage` questions in the categories `even` and `odd`, quads of four images. */
export function fakeTask({ images = 10, perImage = 3, dataHash = 'd0' } = {}): Task {
	const questions = Array.from({ length: images * perImage }, (_, i): Question => {
		const image = Math.floor(i / perImage);
		return {
			id: `q${i}`,
			image: `scene-${image}`,
			prompt: `Is it ${i}?`,
			answer: rng(7, i).pick(['yes', 'no']),
			category: i % 2 === 0 ? 'even' : 'odd',
			chance: 0.5,
			groups: { position: String(i % perImage), 'set:quad': `${Math.floor(image / 4)}` },
		};
	});
	const read = (raw: string) => (raw === 'yes' || raw === 'no' ? raw : null);
	return {
		name: 'fake',
		title: 'A fake task',
		facts: { images },
		dataHash,
		questions,
		image: async (key) => new Uint8Array([...PNG, ...new TextEncoder().encode(key)]),
		strict: ({ answer }, raw) => {
			const value = read(raw);
			return { value, status: value === null ? 'none' : 'ok', correct: value === answer };
		},
		lenient: ({ answer }, raw) => {
			const value = read(raw.toLowerCase().slice(0, 3)) ?? read(raw.toLowerCase().slice(0, 2));
			return { value, status: value === null ? 'none' : 'ok', correct: value === answer };
		},
	};
}

export const fakeFacts: BackendFacts = {
	kind: 'native',
	model: 'models/fake',
	modelHash: 'abc',
	graphHash: null,
	promptTemplate: 'USER: {q}',
	visionPath: null,
	versions: { engine: '1.0' },
};

/**
 * A backend whose answers depend on everything a batch consists of, so that an answer asked for again in other company
 * comes out otherwise. `before` is called (and awaited) before each batch of answers.
 */
export function fakeBackend({
	before = () => {},
	facts = fakeFacts,
}: {
	before?: (condition: Condition) => void | Promise<void>;
	facts?: BackendFacts;
} = {}): Backend & { prepared: number; released: number; images: number[] } {
	return {
		facts,
		prepared: 0,
		released: 0,
		images: [],
		cannot: ({ path }) => (path.pool === 99 ? 'the grid has 8 × 8 tokens' : null),
		async prepare(images) {
			this.prepared++;
			this.images.push(images.length);
			const names = images.map((image) =>
				new TextDecoder().decode(image instanceof Uint8Array ? image.subarray(PNG.length) : image.data),
			);
			return {
				answer: async (condition, asks) => {
					await before(condition);
					const company = JSON.stringify([names, asks, condition.image, condition.path]);
					return asks.map(({ id }) => rng(0, company, id).pick(['yes', 'no', 'Yes, I think so', '\u{1f9e9} "?"\n']));
				},
				release: () => {
					this.released++;
				},
			};
		},
		close: async () => {},
	};
}

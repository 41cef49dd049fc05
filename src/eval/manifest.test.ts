import { describe, expect, it } from 'vitest';
import { fakeFacts, fakeTask } from '../../test/support/fake-eval.ts';
import { parseConditions } from './conditions.ts';
import { buildManifest, describeDifference, differences, firstDifference, type ManifestParts } from './manifest.ts';
import { type Manifest, manifestSchema } from './run.ts';

function manifest(changes: Partial<ManifestParts> = {}): Manifest {
	return buildManifest({
		task: fakeTask(),
		backend: fakeFacts,
		conditions: parseConditions('intact,permuted'),
		settings: { maxNewTokens: 32, temperature: 0, seed: 0 },
		seed: 0,
		questions: 30,
		imagesPerBatch: 16,
		gallery: ['q0'],
		...changes,
	});
}

/** The facts of a backend that are not the usual ones. */
function changed({ backend = fakeFacts }: Partial<ManifestParts>): object {
	return Object.fromEntries(
		Object.entries(backend).filter(([key, value]) => value !== fakeFacts[key as keyof typeof fakeFacts]),
	);
}

describe('buildManifest', () => {
	it('passes its own schema, also after a round through a file', () => {
		const built = manifest();
		expect(manifestSchema.parse(JSON.parse(JSON.stringify(built)))).toEqual(built);
	});
});

describe('firstDifference', () => {
	it('finds none between equal manifests, whatever the order of the conditions', () => {
		expect(firstDifference(manifest(), manifest())).toBeUndefined();
		expect(differences(manifest(), manifest({ conditions: parseConditions('permuted,intact') }))).toEqual([]);
	});

	it('goes by the hash of a model, by its name only where there is no hash', () => {
		const renamed = { ...fakeFacts, model: './models/fake' };
		expect(firstDifference(manifest(), manifest({ backend: renamed }))).toBeUndefined();
		const unknown = { ...fakeFacts, modelHash: null };
		const path = firstDifference(
			manifest({ backend: unknown }),
			manifest({ backend: { ...unknown, model: 'x' } }),
		)?.path;
		expect(path).toBe('backend.model');
	});

	it('tells model before prompt before data before conditions before generation before versions', () => {
		const other: Partial<ManifestParts>[] = [
			{ backend: { ...fakeFacts, modelHash: 'def' } },
			{ backend: { ...fakeFacts, promptTemplate: 'Q: {q}' } },
			{ task: fakeTask({ dataHash: 'd1' }) },
			{
				backend: {
					...fakeFacts,
					visionPath: { layers: [-2], postLayerNorm: false, normalize: null, pool: 2, permute: null, scale: 1 },
				},
			},
			{ conditions: parseConditions('intact') },
			{ settings: { maxNewTokens: 8, temperature: 0, seed: 0 } },
			{ backend: { ...fakeFacts, versions: { engine: '2.0' } } },
		];
		const parts = ['model', 'prompt', 'data', 'vision path', 'conditions', 'generation', 'versions'];
		for (const [i, changes] of other.entries())
			expect(firstDifference(manifest(), manifest(changes))?.part).toBe(parts[i]);
		const backend = Object.assign({}, fakeFacts, ...other.map(changed));
		const all = Object.assign({}, ...other, { backend });
		const order = [...new Set(differences(manifest(), manifest(all)).map(({ part }) => part))];
		expect(order).toEqual(parts);
	});

	it.each<[string, Partial<ManifestParts>]>([
		[
			'prompt: task.facts.prompt: nothing there, "paper" here',
			{ task: { ...fakeTask(), facts: { ...fakeTask().facts, prompt: 'paper' } } },
		],
		['data: questions: 30 there, 10 here', { questions: 10 }],
		['conditions: seed: 0 there, 4 here', { seed: 4 }],
		[
			'conditions: conditions.permuted #1.path.permute.seed: 1 there, 2 here',
			{
				conditions: parseConditions('intact,permuted').map((condition) =>
					condition.draw === 1
						? { ...condition, path: { permute: { kind: 'random', seed: 2, within: 'grid' } } }
						: condition,
				),
			},
		],
		['conditions: imagesPerBatch: 16 there, 8 here', { imagesPerBatch: 8 }],
		[
			'versions: backend.versions.provider: nothing there, "cuda" here',
			{ backend: { ...fakeFacts, versions: { engine: '1.0', provider: 'cuda' } } },
		],
	])('says %j', (line, changes) => {
		expect(describeDifference(firstDifference(manifest(), manifest(changes))!)).toBe(line);
	});
});

import { expect, test } from 'vitest';
import { float32 } from '../base/tensor.ts';
import { memoryStore } from '../checkpoint/files.memory.ts';
import { writeSafetensors } from '../checkpoint/safetensors-write.ts';
import { checkTensors, loadState, STATE_FILE, saveState, type TrainingState } from './state.ts';

const state: TrainingState = {
	position: { stage: 1, step: 20, normalize: { targetMean: 0.83, maxNorm: 1.22 } },
	weights: new Map([['language_model.model.norm.weight', float32([2], [1, 0.1])]]),
	moments: new Map([
		['adamw.mean.language_model.model.norm.weight', float32([2], [1e-30, -3])],
		['adamw.square.language_model.model.norm.weight', float32([2], [4, 5])],
	]),
};

test('what is saved is read back, bit for bit', async () => {
	const store = memoryStore();
	expect(await loadState(store)).toBeNull();
	await saveState(store, state);
	expect(await loadState(store)).toEqual(state);
});

test('a file that is no state, and weights of another model, are refused in one line', async () => {
	const store = memoryStore([], { location: 'run' });
	await writeSafetensors(store, STATE_FILE, []);
	await expect(loadState(store)).rejects.toThrow('run/state.safetensors: holds no position');
	const check = (shape: number[], name = 'language_model.model.norm.weight') =>
		checkTensors('run/state.safetensors', state.weights, [{ name, shape }]);
	expect(() => check([2])).not.toThrow();
	expect(() => check([3])).toThrow(
		'run/state.safetensors: tensor "language_model.model.norm.weight" is [2], but the recipe\'s model has [3]; give another --out, or the recipe that made it',
	);
	expect(() => check([2], 'x')).toThrow('tensor "x" is missing');
});

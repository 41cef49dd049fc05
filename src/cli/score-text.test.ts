import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scoreAnswers } from '../tasks/score.ts';
import { type DataFile, memoryFile } from '../tasks/score-file.ts';
import { diskFile } from '../tasks/score-files.node.ts';
import { percent, scoreText } from './score-text.ts';

/** What is printed of a file whose every question was answered with the same word. */
async function printed(task: string, data: DataFile, { questions, answer }: { questions: number; answer: string }) {
	const answers = memoryFile('answers.txt', `${JSON.stringify(answer)}\n`.repeat(questions));
	return scoreText(await scoreAnswers({ task, data: [data], answers }));
}

it.each([
	['gqa', 12.125, '12.12'],
	['gqa', 12.375, '12.38'],
	['vsr', 0.625, '0.62'],
	['vsr', 0.875, '0.88'],
	['vsr', 99.995, '100.00'],
	['vsr', 1.005, '1.00'],
	['gqa', 50, '50.00'],
	['vqav2', 12.125, '12.13'],
])('%s: %d %% is printed as its official script prints it', (task, value, text) => {
	expect(percent(value, task)).toBe(text);
});

describe('scoreText', () => {
	it('prints the balance of the data where there are few answers', async () => {
		const row = (label: number) => JSON.stringify({ image: '1.jpg', caption: 'It is.', label, relation: 'on' });
		const data = memoryFile('test.jsonl', [1, 0, 1].map(row).join('\n'));
		expect(await printed('vsr', data, { questions: 3, answer: 'yes' })).toMatch(
			/^3 questions, .*\nright answers in the data: true 2, false 1\n\nvsr, %/,
		);
		const pope = memoryFile('p.jsonl', JSON.stringify({ question_id: 1, image: 'a', text: 'Is it?', label: 'no' }));
		expect(await printed('pope', pope, { questions: 1, answer: 'yes' })).not.toContain('right answers');
	});

	it('says that raw output was converted, where it is', async () => {
		const row = {
			question: 'What?',
			imageId: '1',
			answer: 'red',
			isBalanced: true,
			semantic: [],
			groups: { global: null },
		};
		const types = { structural: 'query', semantic: 'attr', detailed: 'd' };
		const gqa = memoryFile('q.json', JSON.stringify({ 1: { ...row, types } }));
		const pope = memoryFile('p.jsonl', JSON.stringify({ question_id: 1, image: 'a', text: 'Is it?', label: 'no' }));
		const answers = memoryFile('a.jsonl', JSON.stringify({ question_id: '1', text: 'Red.' }));
		const text = async (task: string, data: DataFile) => scoreText(await scoreAnswers({ task, data: [data], answers }));
		expect(await text('gqa', gqa)).toContain('; raw output, converted as LLaVA does\n');
		expect(await text('pope', pope)).not.toContain('converted');
	});

	const shared = '../shared/data';
	it.skipIf(!existsSync(shared)).each([
		['vsr', 'vsr/random-dev.jsonl', 1097, 'yes', 'true 564, false 533'],
		['vsr', 'vsr/random-test.jsonl', 2195, 'yes', 'true 1181, false 1014'],
		['vsr', 'vsr/zeroshot-dev.jsonl', 340, 'no', 'false 173, true 167'],
		['vsr', 'vsr/zeroshot-test.jsonl', 1222, 'no', 'true 629, false 593'],
		['whatsup', 'whatsup/controlled-a.json', 412, 'on', 'on 103, left 103, right 103, under 103'],
	])(
		'%s %s: all %i questions and their balance (needs ../shared/data)',
		async (task, file, questions, answer, balance) => {
			const text = await printed(task, diskFile(`${shared}/${file}`), { questions, answer });
			const [first, second] = text.split('\n');
			expect(first).toMatch(new RegExp(`^${questions} questions, 0 without`));
			const counts = (line: string) => new Set(line.split(', '));
			expect(counts(second!.replace('right answers in the data: ', ''))).toEqual(counts(balance));
		},
	);
});

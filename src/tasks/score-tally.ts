import type { Metrics } from './score-engine.ts';

/** Sums of scores by the name of a group, in the order in which the names came. */
export class Tally {
	private readonly groups = new Map<string, { sum: number; count: number }>();

	add(name: string, score: number): void {
		const group = this.groups.get(name);
		if (group) {
			group.sum += score;
			group.count++;
		} else this.groups.set(name, { sum: score, count: 1 });
	}

	/** Mean score of a group; null where there is none of that name. */
	mean(name: string): number | null {
		const group = this.groups.get(name);
		return group ? group.sum / group.count : null;
	}

	count(name: string): number {
		return this.groups.get(name)?.count ?? 0;
	}

	/** Mean scores by name. */
	means(): Metrics {
		return Object.fromEntries([...this.groups].map(([name, { sum, count }]) => [name, sum / count]));
	}

	counts(): Metrics {
		return Object.fromEntries([...this.groups].map(([name, { count }]) => [name, count]));
	}
}

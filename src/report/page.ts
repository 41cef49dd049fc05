import { pageHtml } from './frame.ts';
import { datasetsOf, modelsOf, type ReportData } from './inputs.ts';
import type { Figure, Section } from './section.ts';
import { answerSection } from './sections/answer.ts';
import { balanceSection } from './sections/balance.ts';
import { compressionSection } from './sections/compression.ts';
import { conditionsSection } from './sections/conditions.ts';
import { entropySection } from './sections/entropy.ts';
import { gallerySection } from './sections/gallery.ts';
import { groupsSection } from './sections/groups.ts';
import { interventionsSection } from './sections/interventions.ts';
import { linearSection } from './sections/linear.ts';
import { manifestSection } from './sections/manifest.ts';
import { mapsSection } from './sections/maps.ts';
import { normsSection } from './sections/norms.ts';
import { objectsSection } from './sections/objects.ts';
import { ordersSection } from './sections/orders.ts';
import { permutationSection } from './sections/permutation.ts';
import { readingSection } from './sections/reading.ts';
import { ropeSection } from './sections/rope.ts';
import { sensitivitySection } from './sections/sensitivity.ts';
import { twoDsSection } from './sections/two-ds.ts';

/** The report in order. A section answers null where the data has nothing for it. */
export const SECTIONS: readonly ((data: ReportData) => Section | null)[] = [
	answerSection,
	sensitivitySection,
	permutationSection,
	ordersSection,
	compressionSection,
	conditionsSection,
	twoDsSection,
	objectsSection,
	groupsSection,
	normsSection,
	ropeSection,
	balanceSection,
	mapsSection,
	entropySection,
	linearSection,
	interventionsSection,
	gallerySection,
	readingSection,
	manifestSection,
];

/** The report as one HTML document, with the figures that its sections hold. */
export function renderReport(data: ReportData): { html: string; figures: Figure[] } {
	const sections = SECTIONS.map((section) => section(data)).filter((section) => section !== null);
	const models = modelsOf(data.runs).join(', ');
	const versions = [...new Set(data.runs.map((run) => run.manifest.dorsal))].join(', ');
	return {
		html: pageHtml({
			title: data.title,
			about: models,
			subtitle: `${models} · ${datasetsOf(data.runs).join(', ')}`,
			versions,
			sections,
		}),
		figures: sections.flatMap((section) => section.figures),
	};
}
